import { NasError } from '../base/errors.ts';
import type { Provenance } from '../latency/table.ts';
import type { Device, NetworkLatency } from './device.ts';
import { type Effort, KERNEL_EFFORT, NETWORK_EFFORT } from './measuring/effort.ts';
import { type Program, programOfGraph, programOfKernel } from './program.ts';
import type { RunnerClient } from './runner-client.ts';
import type { MeasureSubject } from './runner-protocol.ts';

/** How much work goes into each number; see `Effort`. */
export interface DeviceEffort {
  readonly kernel?: Partial<Effort>;
  readonly network?: Partial<Effort>;
}

/** A device whose measuring is done by a runner, over whatever transport reaches it. */
export function createRunnerDevice(
  provenance: Provenance,
  client: RunnerClient,
  effort: DeviceEffort = {},
): Device {
  return {
    provenance,
    async *measureKernels(kernels, { signal } = {}) {
      const subjects = kernels.map((kernel) => subjectOf(kernel.signature, programOfKernel(kernel), true));
      const request = { effort: { ...KERNEL_EFFORT, ...effort.kernel }, subjects };
      for await (const { key, medianMs, madMs, samples, rejected } of client.measure(request, signal)) {
        yield { signature: key, medianMs, madMs, samples, rejected };
      }
    },
    async measureNetwork(graph, { signal } = {}) {
      const subjects = [subjectOf('network', programOfGraph(graph), false)];
      const request = { effort: { ...NETWORK_EFFORT, ...effort.network }, subjects };
      let result: NetworkLatency | undefined;
      for await (const { medianMs, madMs, samples, rejected } of client.measure(request, signal)) {
        // The answer that ends the request has to be read too.
        result = { medianMs, madMs, samples, rejected };
      }
      if (result === undefined) {
        throw new NasError(provenance.device, { found: 'no answer to a network', expected: 'its latency' });
      }
      return result;
    },
    close: () => client.close(),
  };
}

function subjectOf(key: string, program: Program, isolate: boolean): MeasureSubject {
  const nodes = program.nodes.map(({ name, op, inputs }) => ({ name, op, inputs: [...inputs] }));
  const [first, ...rest] = nodes;
  const [output, ...outputs] = program.outputs;
  if (first === undefined || output === undefined) {
    throw new NasError(key, { found: 'no nodes', expected: 'a network with an input and an output' });
  }
  return { key, isolate, nodes: [first, ...rest], outputs: [output, ...outputs] };
}
