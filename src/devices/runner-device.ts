import { setTimeout as sleep } from 'node:timers/promises';
import { NasError } from '../base/errors.ts';
import { createRng } from '../base/rng.ts';
import { GraphBuilder } from '../graph/graph.ts';
import { type DeviceState, tooHot } from '../latency/device-state.ts';
import type { Provenance } from '../latency/table.ts';
import { toBase64 } from './base64-floats.ts';
import type { Device, MeasureOptions, NamedNetwork, NetworkLatency } from './device.ts';
import { type Effort, KERNEL_EFFORT, NETWORK_EFFORT } from './measuring/effort.ts';
import { type Measured, measureInterleaved } from './measuring/interleave.ts';
import { createPace } from './measuring/pace.ts';
import type { Subject } from './measuring/sampler.ts';
import { type Program, programOfGraph, programOfKernel } from './program.ts';
import type { RunnerClient } from './runner-client.ts';
import type { Dtype, Hello } from './runner-protocol.ts';

export interface RunnerDeviceOptions {
  readonly dtype?: Dtype;
  readonly kernelEffort?: Partial<Effort>;
  readonly networkEffort?: Partial<Effort>;
  /** What the runner does with .tflite files. */
  readonly models?: Hello['models'];
  /** Asks the machine how it is; there are some that do not tell. */
  readonly readState?: (signal?: AbortSignal) => Promise<DeviceState | null>;
}

/** A device on which a runner takes the samples, over whatever transport reaches it. */
export function createRunnerDevice(
  provenance: Provenance,
  client: RunnerClient,
  {
    dtype = 'float32',
    kernelEffort = {},
    networkEffort = {},
    models = 'none',
    readState = async () => null,
  }: RunnerDeviceOptions = {},
): Device {
  const rng = createRng('rounds');
  const sentinel = subjectOf('sentinel', sentinelProgram(), { dtype, isolate: false });
  const pace = createPace();

  async function* measure(
    subjects: readonly Subject[],
    effort: Effort,
    cold: boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Measured> {
    const stop = (): void => void client.close();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const resting = {
        isHot: async () => {
          const state = await readState(signal);
          return state !== null && tooHot(state);
        },
        sleep: (ms: number) => sleep(ms, undefined, signal && { signal }),
      };
      yield* measureInterleaved(subjects, client, { effort, sentinel, pace, cold, rng, signal, resting });
    } finally {
      signal?.removeEventListener('abort', stop);
      // A request that was answered at that moment may have been followed by another, to a runner of its own.
      if (signal?.aborted) await client.close();
    }
  }

  async function* measureNetworks(
    networks: readonly NamedNetwork[],
    { signal }: MeasureOptions = {},
  ): AsyncGenerator<NetworkLatency & { readonly name: string }> {
    const subjects = networks.map(({ name, graph, model }) => ({
      ...subjectOf(name, programOfGraph(graph), { dtype, isolate: false }),
      ...(model === undefined || models === 'none' ? {} : { model: toBase64(model) }),
    }));
    const effort = { ...NETWORK_EFFORT, ...networkEffort };
    for await (const measured of measure(subjects, effort, false, signal)) {
      const { key: name, warmMs: _warm, taken: _taken, ...latency } = measured;
      yield { name, ...latency };
    }
  }

  async function* runModel(
    { name, graph, model }: Required<NamedNetwork>,
    images: Iterable<Float32Array>,
    { signal }: MeasureOptions = {},
  ): AsyncGenerator<Float32Array> {
    const subject = subjectOf(name, programOfGraph(graph), { dtype, isolate: false });
    await client.load({ ...subject, model: toBase64(model) });
    try {
      for (const batch of batchesOf(images)) {
        signal?.throwIfAborted();
        const outputs = await client.run(name, joined(batch));
        const size = outputs.length / batch.length;
        if (!Number.isInteger(size) || size === 0) {
          throw new NasError(provenance.device, {
            found: `${outputs.length} values for ${batch.length} images`,
            expected: 'as many for each of them',
          });
        }
        for (const place of batch.keys()) yield outputs.slice(place * size, (place + 1) * size);
      }
    } finally {
      if (!signal?.aborted) await client.unload([name]);
    }
  }

  return {
    provenance,
    takesModels: models !== 'none',
    ...(models === 'run' ? { runModel } : {}),
    async *measureKernels(kernels, { signal, onSamples } = {}) {
      const subjects = kernels.map((kernel): Subject => {
        return subjectOf(kernel.signature, programOfKernel(kernel), { dtype, isolate: true });
      });
      for await (const { key, taken, ...latency } of measure(
        subjects,
        { ...KERNEL_EFFORT, ...kernelEffort },
        true,
        signal,
      )) {
        onSamples?.(key, taken);
        yield { signature: key, ...latency };
      }
    },
    async measureNetwork(graph, options) {
      for await (const { name: _, ...latency } of measureNetworks([{ name: 'network', graph }], options)) {
        return latency;
      }
      throw new NasError(provenance.device, { found: 'no answer to a network', expected: 'its latency' });
    },
    measureNetworks,
    state: ({ signal } = {}) => readState(signal),
    close: () => client.close(),
  };
}

/** Images that are sent at once: the answer to a request does not keep a phone waiting for long. */
const BATCH_IMAGES = 16;

function* batchesOf(images: Iterable<Float32Array>): Generator<readonly [Float32Array, ...Float32Array[]]> {
  let batch: Float32Array[] = [];
  for (const image of images) {
    batch.push(image);
    if (batch.length < BATCH_IMAGES) continue;
    const [first = image, ...others] = batch;
    yield [first, ...others];
    batch = [];
  }
  const [first, ...others] = batch;
  if (first !== undefined) yield [first, ...others];
}

/** Images of one size, one after another. */
function joined(images: readonly [Float32Array, ...Float32Array[]]): Float32Array {
  const size = images[0].length;
  const all = new Float32Array(size * images.length);
  images.forEach((image, place) => {
    all.set(image, place * size);
  });
  return all;
}

/**
 * A kernel of a fifth of a millisecond that moves more than a core's own caches hold. Neighbours slow down memory
 * before they slow down arithmetic: on a shared machine its times follow those of a network (rank correlation 0.66),
 * those of a small pointwise convolution hardly vary.
 */
function sentinelProgram(): Program {
  const builder = new GraphBuilder();
  const options = { kernel: 3, groups: 96, bias: true };
  return programOfGraph(builder.build(builder.convolution(builder.input([56, 56, 96]), 96, options)));
}

function subjectOf(
  key: string,
  program: Program,
  options: { readonly dtype: Dtype; readonly isolate: boolean },
): Subject {
  const nodes = program.nodes.map(({ name, op, inputs }) => ({ name, op, inputs: [...inputs] }));
  const [first, ...rest] = nodes;
  const [output, ...outputs] = program.outputs;
  if (first === undefined || output === undefined) {
    throw new NasError(key, { found: 'no nodes', expected: 'a network with an input and an output' });
  }
  return { key, ...options, nodes: [first, ...rest], outputs: [output, ...outputs] };
}
