import type * as LiteRtModule from '@litertjs/core';
import { messageOf, NasError } from '../../../base/errors.ts';
import type { Program } from '../../program.ts';
import type { Engine } from './engine.ts';
import { type RunClock, runFor, timeRun } from './run-clock.ts';
import { kernelModel } from './tflite/kernel-model.ts';
import type { TfliteModel } from './tflite/model.ts';
import { networkModel } from './tflite/network-model.ts';
import type { ParameterSource } from './tflite/parameters.ts';
import { serializeTflite } from './tflite/serialize.ts';

/** Runs whose time says how often to repeat a kernel; the fastest counts. */
const TRIAL_RUNS = 3;
/** Copies that tell a short kernel from the overhead of a call, which may take longer than the kernel. */
const TRIAL_COPIES = 8;
const MAXIMUM_COPIES = 256;
/** Far above the resolution of a good clock, ... */
const SAMPLE_MS = 1.5;
/** ... and above that of a coarse one, of which more than one run is then added up; see `sampling.ts`. */
const SAMPLE_TICKS = 4;
/** Copies must not push each other's weights further out of the caches than the layers of a network do. */
const MAXIMUM_WEIGHT_BYTES = 8e6;

/** A program made ready, again and again to be run. */
export interface Workload {
  run(): Promise<void>;
  /** The first output of a run on the inputs of an image; throws a NasError where they are not of its size. */
  runOn(values: Float32Array): Promise<Float32Array>;
  /** Values of its first input. */
  readonly inputSize: number;
  close(): void;
  readonly weightBytes: number;
  /** Copies of the program in one run. */
  readonly copies: number;
}

/** A program as it is. */
export async function openProgram(
  engine: Engine,
  program: Program,
  parameters: ParameterSource,
  clock: RunClock,
): Promise<Workload> {
  const model = networkModel(program, parameters);
  const workload = await compile(engine, serializeTflite(model), constantBytes(model), 1);
  await warmUp(workload, engine, clock);
  return workload;
}

/** A model as a file has it. Throws a NasError where LiteRT does not take the file. */
export async function openModel(engine: Engine, file: Uint8Array, clock: RunClock): Promise<Workload> {
  let workload: Workload;
  try {
    workload = await compile(engine, file, file.byteLength, 1);
  } catch (cause) {
    throw new NasError('the model', {
      found: `a file that LiteRT does not load (${messageOf(cause)})`,
      expected: 'a .tflite file with one input and one output',
      cause,
    });
  }
  await warmUp(workload, engine, clock);
  return workload;
}

/** A kernel repeated until a run lasts about `SAMPLE_MS`: a call takes longer than many a kernel. */
export async function openKernel(
  engine: Engine,
  program: Program,
  parameters: ParameterSource,
  clock: RunClock,
): Promise<Workload> {
  const sampleMs = Math.max(SAMPLE_MS, SAMPLE_TICKS * clock.tickMs);
  const open = (copies: number): Promise<Workload> => {
    const model = kernelModel(program, copies, parameters);
    return compile(engine, serializeTflite(model), constantBytes(model), copies);
  };
  let workload = await open(1);
  const affordable = Math.max(1, Math.floor(MAXIMUM_WEIGHT_BYTES / workload.weightBytes));
  const most = Math.min(MAXIMUM_COPIES, affordable);
  const repeat = async (copies: number): Promise<void> => {
    workload.close();
    workload = await open(copies);
  };
  await warmUp(workload, engine, clock);
  const singleMs = await fastestOf(workload.run, clock);
  if (most >= TRIAL_COPIES && singleMs * TRIAL_COPIES <= sampleMs) {
    await repeat(TRIAL_COPIES);
    const perCopyMs = ((await fastestOf(workload.run, clock)) - singleMs) / (TRIAL_COPIES - 1);
    await repeat(Math.min(most, Math.ceil(sampleMs / Math.max(perCopyMs, sampleMs / most))));
  } else {
    const needed = Math.min(most, Math.ceil(sampleMs / singleMs));
    if (needed > 1) await repeat(needed);
  }
  await workload.run();
  return workload;
}

/** A run of a model that reads the inputs of `program` and does nothing with them. */
export async function openOverhead(
  engine: Engine,
  program: Program,
  parameters: ParameterSource,
  clock: RunClock,
): Promise<Workload> {
  const model = kernelModel(program, 0, parameters);
  const workload = await compile(engine, serializeTflite(model), constantBytes(model), 0);
  await warmUp(workload, engine, clock);
  return workload;
}

async function warmUp({ run }: Workload, { warmUpMs }: Engine, clock: RunClock): Promise<void> {
  for (let i = 0; i < TRIAL_RUNS; i++) await run();
  if (warmUpMs !== undefined) await runFor(warmUpMs, run, clock);
}

/** Compiles a model and makes its inputs, once for all runs. */
async function compile(
  engine: Engine,
  file: Uint8Array,
  weightBytes: number,
  copies: number,
): Promise<Workload> {
  const { liteRt, accelerator } = engine;
  const compiled = await liteRt.loadAndCompile(file, { accelerator });
  const inputs: LiteRtModule.Tensor[] = [];
  const details = compiled.getInputDetails();
  for (const { shape } of details) {
    const values = new Float32Array(sizeOf(shape));
    // Between −1 and 1, with as many of either sign, and cheap.
    const made = values.map((_, i) => ((i * 7919) % 2003) / 1001 - 1);
    const tensor = new liteRt.Tensor(made, shape);
    // Where the model runs, so that no run has to move them there.
    inputs.push(accelerator === 'wasm' ? tensor : await tensor.moveTo(accelerator));
  }
  const inputSize = sizeOf(details[0]?.shape ?? []);
  return {
    copies,
    weightBytes,
    inputSize,
    async runOn(values) {
      if (values.length !== inputSize) {
        throw new NasError('the inputs', { found: `${values.length} values`, expected: `${inputSize}` });
      }
      const made = new liteRt.Tensor(values, [...(details[0]?.shape ?? [])]);
      const input = accelerator === 'wasm' ? made : await made.moveTo(accelerator);
      const outputs = await compiled.run([input]);
      await engine.finish?.();
      const [output] = outputs;
      if (output === undefined) throw new NasError('the model', { found: 'no output', expected: 'one' });
      const here = accelerator === 'wasm' ? output : await output.moveTo('wasm');
      // A copy: what LiteRT gives lies in memory of its own, which grows and moves.
      const result = Float32Array.from(here.toTypedArray());
      for (const tensor of new Set([input, here, ...outputs])) tensor.delete();
      return result;
    },
    async run() {
      const outputs = await compiled.run(inputs);
      await engine.finish?.();
      for (const output of outputs) output.delete();
    },
    close() {
      for (const input of inputs) input.delete();
      compiled.delete();
    },
  };
}

async function fastestOf(run: () => Promise<void>, clock: RunClock): Promise<number> {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIAL_RUNS; i++) fastestMs = Math.min(fastestMs, await timeRun(run, clock));
  return fastestMs;
}

function sizeOf(shape: ArrayLike<number>): number {
  return Array.from(shape).reduce((product, size) => product * size, 1);
}

function constantBytes(model: TfliteModel): number {
  return model.tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 1);
}
