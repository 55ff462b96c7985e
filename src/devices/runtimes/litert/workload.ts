import type * as LiteRtModule from '@litertjs/core';
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
  const workload = await compile(engine, networkModel(program, parameters), 1);
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
  let workload = await compile(engine, kernelModel(program, 1, parameters), 1);
  const affordable = Math.max(1, Math.floor(MAXIMUM_WEIGHT_BYTES / workload.weightBytes));
  const most = Math.min(MAXIMUM_COPIES, affordable);
  const repeat = async (copies: number): Promise<void> => {
    workload.close();
    workload = await compile(engine, kernelModel(program, copies, parameters), copies);
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
  const workload = await compile(engine, kernelModel(program, 0, parameters), 0);
  await warmUp(workload, engine, clock);
  return workload;
}

async function warmUp({ run }: Workload, { warmUpMs }: Engine, clock: RunClock): Promise<void> {
  for (let i = 0; i < TRIAL_RUNS; i++) await run();
  if (warmUpMs !== undefined) await runFor(warmUpMs, run, clock);
}

/** Compiles a model and makes its inputs, once for all runs. */
async function compile(engine: Engine, model: TfliteModel, copies: number): Promise<Workload> {
  const { liteRt, accelerator } = engine;
  const compiled = await liteRt.loadAndCompile(serializeTflite(model), { accelerator });
  const inputs: LiteRtModule.Tensor[] = [];
  for (const { shape } of compiled.getInputDetails()) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    // Between −1 and 1, with as many of either sign, and cheap.
    const made = values.map((_, i) => ((i * 7919) % 2003) / 1001 - 1);
    const tensor = new liteRt.Tensor(made, shape);
    // Where the model runs, so that no run has to move them there.
    inputs.push(accelerator === 'wasm' ? tensor : await tensor.moveTo(accelerator));
  }
  return {
    copies,
    weightBytes: constantBytes(model),
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

function constantBytes(model: TfliteModel): number {
  return model.tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 1);
}
