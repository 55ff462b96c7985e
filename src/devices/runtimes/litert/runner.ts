import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { median } from 'simple-statistics';
import { messageOf, NasError } from '../../../base/errors.ts';
import { parseJson, parseWith } from '../../../base/parse.ts';
import { createRng } from '../../../base/rng.ts';
import { type Program, withShapes } from '../../program.ts';
import {
  type Answer,
  type LoadRequest,
  PROTOCOL_VERSION,
  type Reading,
  type Request,
  requestSchema,
} from '../../runner-protocol.ts';
import { liteRtVersion, loadLiteRt } from './load-litert.ts';
import type { ParameterSource } from './tflite/parameters.ts';
import { createRandomParameters } from './tflite/random-parameters.ts';
import { type LiteRt, openKernel, openOverhead, openProgram, type Workload } from './workload.ts';

/*
 * The entry of a process: LiteRT behind the protocol of runner-protocol.ts.
 */

/** Runs whose median is what a call costs that does nothing. */
const OVERHEAD_RUNS = 101;

/** Standard output is for answers alone; what LiteRT prints there is turned to standard error. */
const writeAnswer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;

function answer(line: Answer): void {
  writeAnswer(`${JSON.stringify(line)}\n`);
}

/** What is loaded, and what it takes to load more. */
interface Bench {
  readonly liteRt: LiteRt;
  readonly parameters: ParameterSource;
  readonly loaded: Map<string, Workload>;
  /** What a call costs that does nothing, in microseconds, by the number of inputs it is handed. */
  readonly overheadUs: Map<number, number>;
}

async function carryOut(request: Request, bench: Bench): Promise<Answer> {
  const { id } = request;
  switch (request.kind) {
    case 'load':
      return load(request, bench);
    case 'sample': {
      const samples: Reading[] = [];
      for (const key of request.keys) {
        samples.push(await takeSample(find(key, bench), request.cold));
        // Running WebAssembly never waits for anything; this lets in that the input was closed.
        await setImmediate();
      }
      return { kind: 'sampled', id, samples };
    }
    case 'unload':
      for (const key of request.keys) {
        find(key, bench).close();
        bench.loaded.delete(key);
      }
      return { kind: 'unloaded', id };
  }
}

async function load({ id, key, dtype, isolate, nodes, outputs }: LoadRequest, bench: Bench): Promise<Answer> {
  const { liteRt, parameters, loaded } = bench;
  if (dtype !== 'float32') throw new NasError(key, { found: `dtype ${dtype}`, expected: 'float32' });
  const program = { nodes: withShapes(nodes), outputs };
  const workload = await (isolate ? openKernel : openProgram)(liteRt, program, parameters);
  loaded.get(key)?.close();
  loaded.set(key, workload);
  const { copies, weightBytes } = workload;
  const overheadUs = isolate ? await overheadOf(program, bench) : 0;
  return { kind: 'loaded', id, weightBytes, copies, overheadUs };
}

async function overheadOf(program: Program, { liteRt, parameters, overheadUs }: Bench): Promise<number> {
  const inputs = program.nodes.filter(({ op }) => op.kind === 'input').length;
  const known = overheadUs.get(inputs);
  if (known !== undefined) return known;
  const idle = await openOverhead(liteRt, program, parameters);
  const times: number[] = [];
  for (let i = 0; i < OVERHEAD_RUNS; i++) times.push((await takeSample(idle, true)).wallUs);
  idle.close();
  const overhead = median(times);
  overheadUs.set(inputs, overhead);
  return overhead;
}

function find(key: string, { loaded }: Bench): Workload {
  const workload = loaded.get(key);
  if (workload === undefined) throw new NasError(key, { found: 'not loaded', expected: 'a loaded key' });
  return workload;
}

/** Processor time is counted too coarsely to judge samples shorter than this; see `Reading`. */
const JUDGED_BY_CPU_TIME_US = 1000;

async function takeSample(workload: Workload, cold: boolean): Promise<Reading> {
  if (cold) walk();
  else await workload.run();
  const before = process.resourceUsage();
  const start = performance.now();
  await workload.run();
  const wallUs = 1000 * (performance.now() - start);
  const after = process.resourceUsage();
  const cpuUs = after.userCPUTime - before.userCPUTime + after.systemCPUTime - before.systemCPUTime;
  const switches = after.involuntaryContextSwitches - before.involuntaryContextSwitches;
  return { wallUs, cpuUs: wallUs < JUDGED_BY_CPU_TIME_US ? wallUs : cpuUs, switches };
}

/** 2 MiB: more than the caches that most cores have to themselves. */
const memory = new Float64Array(1 << 18).fill(1);
/** One number a cache line. */
const STEP = 8;

/** Pushes everything else out of the core's own caches. */
function walk(): void {
  for (let i = 0; i < memory.length; i += STEP) memory[i] = -(memory[i] ?? 0);
}

function answerError(id: number | null, thrown: unknown): void {
  const error =
    thrown instanceof NasError ? thrown : new NasError('the LiteRT runner', { found: messageOf(thrown) });
  const { where, found, expected, next } = error;
  answer({
    kind: 'error',
    id,
    where,
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(next === undefined ? {} : { next }),
  });
}

async function serve(): Promise<void> {
  // Listening comes first: the host may be gone before LiteRT is loaded.
  const input = createInterface({ input: process.stdin });
  const lines = input[Symbol.asyncIterator]();
  input.once('close', () => process.exit(0));
  const bench: Bench = {
    liteRt: await loadLiteRt(),
    parameters: createRandomParameters(createRng('measuring')),
    loaded: new Map(),
    overheadUs: new Map(),
  };
  answer({
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    runtime: 'litert',
    runtimeVersion: liteRtVersion(),
    architecture: process.arch,
    threads: 1,
    core: null,
    dtypes: ['float32'],
  });
  for await (const line of lines) {
    let id: number | null = null;
    try {
      const request = parseWith(requestSchema, parseJson(line, 'request'), 'request');
      id = request.id;
      answer(await carryOut(request, bench));
    } catch (thrown) {
      answerError(id, thrown);
    }
  }
}

await serve();
