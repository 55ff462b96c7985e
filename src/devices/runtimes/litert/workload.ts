import type * as LiteRtModule from '@litertjs/core';
import type { Workload } from '../../measuring/interleave.ts';
import type { Program } from '../../program.ts';
import { kernelModel } from './tflite/kernel-model.ts';
import type { TfliteModel } from './tflite/model.ts';
import { networkModel } from './tflite/network-model.ts';
import type { ParameterSource } from './tflite/parameters.ts';
import { serializeTflite } from './tflite/serialize.ts';

export type LiteRt = typeof LiteRtModule;

/** Runs whose time says how often to repeat a kernel; the fastest counts. */
const TRIAL_RUNS = 3;
/** Copies that tell a short kernel from the overhead of a call, which may take longer than the kernel. */
const TRIAL_COPIES = 8;
const MAXIMUM_COPIES = 256;
/** Copies must not push each other's weights further out of the caches than the layers of a network do. */
const MAXIMUM_WEIGHT_BYTES = 8e6;

/** A network as deployed: what a caller waits for, the call itself included. */
export async function openNetwork(
  liteRt: LiteRt,
  program: Program,
  parameters: ParameterSource,
): Promise<Workload> {
  const compiled = await compile(liteRt, networkModel(program, parameters));
  for (let i = 0; i < TRIAL_RUNS; i++) await compiled.run();
  return { ...compiled, latencyMs: (elapsedMs) => elapsedMs };
}

/**
 * A kernel repeated until a run lasts `sampleMs`, less what a run costs that does nothing:
 * latency = (elapsed − overhead) / copies.
 */
export async function openKernel(
  liteRt: LiteRt,
  program: Program,
  parameters: ParameterSource,
  { sampleMs, overheadMs }: { readonly sampleMs: number; readonly overheadMs: number },
): Promise<Workload> {
  const one = kernelModel(program, 1, parameters);
  const affordable = Math.max(1, Math.floor(MAXIMUM_WEIGHT_BYTES / constantBytes(one)));
  const most = Math.min(MAXIMUM_COPIES, affordable);
  let copies = 1;
  let compiled = await compile(liteRt, one);
  const repeat = async (times: number): Promise<void> => {
    compiled.close();
    copies = times;
    compiled = await compile(liteRt, kernelModel(program, copies, parameters));
  };
  const singleMs = await fastestOf(compiled.run);
  if (most >= TRIAL_COPIES && singleMs * TRIAL_COPIES <= sampleMs) {
    await repeat(TRIAL_COPIES);
    const perCopyMs = ((await fastestOf(compiled.run)) - singleMs) / (TRIAL_COPIES - 1);
    await repeat(Math.min(most, Math.ceil(sampleMs / Math.max(perCopyMs, sampleMs / most))));
  } else {
    const needed = Math.min(most, Math.ceil(sampleMs / singleMs));
    if (needed > 1) await repeat(needed);
  }
  await compiled.run();
  return { ...compiled, latencyMs: (elapsedMs) => Math.max(0, elapsedMs - overheadMs) / copies };
}

/** A run of a model that reads the inputs of `program` and does nothing with them. */
export async function openOverhead(
  liteRt: LiteRt,
  program: Program,
  parameters: ParameterSource,
): Promise<Workload> {
  const compiled = await compile(liteRt, kernelModel(program, 0, parameters));
  for (let i = 0; i < TRIAL_RUNS; i++) await compiled.run();
  return { ...compiled, latencyMs: (elapsedMs) => elapsedMs };
}

/** Compiles a model and makes its inputs, once for all runs. */
async function compile(liteRt: LiteRt, model: TfliteModel): Promise<Pick<Workload, 'run' | 'close'>> {
  const compiled = await liteRt.loadAndCompile(serializeTflite(model), { accelerator: 'wasm' });
  const inputs = compiled.getInputDetails().map(({ shape }) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    // Between −1 and 1, with as many of either sign, and cheap.
    return new liteRt.Tensor(
      values.map((_, i) => ((i * 7919) % 2003) / 1001 - 1),
      shape,
    );
  });
  return {
    async run() {
      for (const output of await compiled.run(inputs)) output.delete();
    },
    close() {
      for (const input of inputs) input.delete();
      compiled.delete();
    },
  };
}

async function fastestOf(run: () => Promise<void>): Promise<number> {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIAL_RUNS; i++) {
    const start = performance.now();
    await run();
    fastestMs = Math.min(fastestMs, performance.now() - start);
  }
  return fastestMs;
}

function constantBytes(model: TfliteModel): number {
  return model.tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 1);
}
