import { median } from 'simple-statistics';
import { NasError } from '../../../base/errors.ts';
import { createRng } from '../../../base/rng.ts';
import { floatsFromBase64, floatsToBase64, fromBase64 } from '../../base64-floats.ts';
import { type Program, withShapes } from '../../program.ts';
import type { Answer, LoadRequest, Reading, Request } from '../../runner-protocol.ts';
import type { Engine } from './engine.ts';
import { type RunClock, timeRun } from './run-clock.ts';
import { runsPerSample, type Sampling, takeSample } from './sampling.ts';
import { createRandomParameters } from './tflite/random-parameters.ts';
import { openKernel, openModel, openOverhead, openProgram, type Workload } from './workload.ts';

/** What is loaded, and the requests it is for. */
export interface Bench {
  /** Throws a NasError where a request cannot be carried out. */
  carryOut(request: Request): Promise<Answer>;
}

export interface BenchOptions {
  readonly engine: Engine;
  readonly clock: RunClock;
  /** Called between samples. Running WebAssembly never waits for anything; this may let in that the host is gone. */
  readonly breathe: () => Promise<unknown>;
}

/** What a call costs that does nothing is the median of so many runs, ... */
const OVERHEAD_RUNS = 101;
/** ... in at least so many samples. */
const OVERHEAD_SAMPLES = 5;

interface Loaded {
  readonly workload: Workload;
  readonly sampling: Omit<Sampling, 'cold'>;
}

/** The part of the LiteRT runner that is the same in Node and in a browser. */
export function createBench({ engine, clock, breathe }: BenchOptions): Bench {
  const parameters = createRandomParameters(createRng('measuring'));
  const loaded = new Map<string, Loaded>();
  /** Of one run, in microseconds, by the number of inputs it is handed. */
  const overheads = new Map<number, number>();

  const find = (key: string): Loaded => {
    const found = loaded.get(key);
    if (found === undefined) throw new NasError(key, { found: 'not loaded', expected: 'a loaded key' });
    return found;
  };

  const overheadOf = async (program: Program): Promise<number> => {
    const inputs = program.nodes.filter(({ op }) => op.kind === 'input').length;
    const known = overheads.get(inputs);
    if (known !== undefined) return known;
    const idle = await openOverhead(engine, program, parameters, clock);
    const runs = runsPerSample(await timeRun(idle.run, clock), clock);
    const samples = Math.max(OVERHEAD_SAMPLES, Math.ceil(OVERHEAD_RUNS / runs));
    const times: number[] = [];
    for (let i = 0; i < samples; i++) {
      const { wallUs } = await takeSample(idle, { runs, cold: true, isolate: true }, clock);
      times.push(wallUs / runs);
    }
    idle.close();
    const overheadUs = median(times);
    overheads.set(inputs, overheadUs);
    return overheadUs;
  };

  const load = async (request: LoadRequest): Promise<Answer> => {
    const { id, key, dtype, isolate, nodes, outputs, model } = request;
    if (dtype !== 'float32' && model === undefined) {
      throw new NasError(key, { found: `dtype ${dtype}`, expected: 'float32' });
    }
    const program = { nodes: withShapes(nodes), outputs };
    const workload =
      model === undefined
        ? await (isolate ? openKernel : openProgram)(engine, program, parameters, clock)
        : await openModel(engine, fromBase64(model), clock);
    loaded.get(key)?.workload.close();
    const runs = runsPerSample(await timeRun(workload.run, clock), clock);
    loaded.set(key, { workload, sampling: { runs, isolate } });
    const overheadUs = isolate ? runs * (await overheadOf(program)) : 0;
    const { copies, weightBytes } = workload;
    return { kind: 'loaded', id, weightBytes, copies: runs * copies, overheadUs };
  };

  return {
    async carryOut(request) {
      const { id } = request;
      switch (request.kind) {
        case 'load':
          return load(request);
        case 'sample': {
          const samples: Reading[] = [];
          for (const key of request.keys) {
            const { workload, sampling } = find(key);
            samples.push(await takeSample(workload, { ...sampling, cold: request.cold }, clock));
            await breathe();
          }
          return { kind: 'sampled', id, samples };
        }
        case 'unload':
          for (const key of request.keys) {
            find(key).workload.close();
            loaded.delete(key);
          }
          return { kind: 'unloaded', id };
        case 'run': {
          const { workload } = find(request.key);
          const values = floatsFromBase64(request.inputs);
          const images = values.length / workload.inputSize;
          if (!Number.isInteger(images)) {
            throw new NasError(request.key, {
              found: `${values.length} input values`,
              expected: `${workload.inputSize} for each image`,
            });
          }
          const outputs: number[] = [];
          for (let image = 0; image < images; image++) {
            const start = image * workload.inputSize;
            outputs.push(...(await workload.runOn(values.slice(start, start + workload.inputSize))));
            await breathe();
          }
          return { kind: 'ran', id, outputs: floatsToBase64(Float32Array.from(outputs)) };
        }
      }
    },
  };
}
