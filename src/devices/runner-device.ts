import { setTimeout as sleep } from 'node:timers/promises';
import { NasError } from '../base/errors.ts';
import { createRng } from '../base/rng.ts';
import { GraphBuilder } from '../graph/graph.ts';
import { type DeviceState, tooHot } from '../latency/device-state.ts';
import type { Provenance } from '../latency/table.ts';
import type { Device, MeasureOptions, NamedNetwork, NetworkLatency } from './device.ts';
import { type Effort, KERNEL_EFFORT, NETWORK_EFFORT } from './measuring/effort.ts';
import { type Measured, measureInterleaved } from './measuring/interleave.ts';
import { createPace } from './measuring/pace.ts';
import type { Subject } from './measuring/sampler.ts';
import { type Program, programOfGraph, programOfKernel } from './program.ts';
import type { RunnerClient } from './runner-client.ts';
import type { Dtype } from './runner-protocol.ts';

export interface RunnerDeviceOptions {
  readonly dtype?: Dtype;
  readonly kernelEffort?: Partial<Effort>;
  readonly networkEffort?: Partial<Effort>;
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
    const subjects = networks.map(({ name, graph }) =>
      subjectOf(name, programOfGraph(graph), { dtype, isolate: false }),
    );
    const effort = { ...NETWORK_EFFORT, ...networkEffort };
    for await (const measured of measure(subjects, effort, false, signal)) {
      const { key: name, warmMs: _warm, taken: _taken, ...latency } = measured;
      yield { name, ...latency };
    }
  }

  return {
    provenance,
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
