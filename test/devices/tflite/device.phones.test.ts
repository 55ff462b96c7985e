import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRunnerDevice } from '../../../src/devices/runner-device.ts';
import { createBenchmarkClient } from '../../../src/devices/runtimes/tflite/benchmark-client.ts';
import { BENCHMARK_EFFORT } from '../../../src/devices/runtimes/tflite/effort.ts';
import { openTransport } from '../../../src/devices/transports/open-transport.ts';
import type { Transport } from '../../../src/devices/transports/transport.ts';
import { distinctKernels } from '../../../src/graph/fusion.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { someProvenance } from '../../latency/some-table.ts';
import { NO_PHONES, type TestMachine, testMachine } from '../phones/phones.ts';
import { quickBenchmarkModel, quickKernelMs, quickNetworkMs } from './quick-benchmark-model.ts';

const graph = (() => {
  const b = new GraphBuilder();
  return b.build([3, 5, 7].reduce((y, kernel) => b.convolution(y, 4, { kernel }), b.input([8, 8, 4])));
})();
const kernels = distinctKernels([graph]);

// Not on the emulated phone: it takes a second to start a process.
describe.each(['amd64', 'board'] as const)('benchmark_model on %s', { timeout: 600_000 }, (name) => {
  let machine: TestMachine;
  let transport: Transport;

  beforeEach(async (context) => {
    if (NO_PHONES !== undefined) context.skip(NO_PHONES);
    machine = testMachine(name);
    await machine.isUp();
    transport = await openTransport(machine.device, { beatMs: 500 });
  });
  afterEach(async () => {
    machine?.plugIn();
    await transport?.close();
    if (machine === undefined) return;
    await vi.waitUntil(() => machine.processes().length === 0, { timeout: 60_000 });
  });

  const clientOf = (benchmarkModel: string) =>
    createBenchmarkClient({ device: name, transport, benchmarkModel, threads: 1 });

  /** What of ours is on the device. */
  const files = async (path: string): Promise<string> =>
    (await transport.run(['ls', posix.dirname(path)])).stdout;

  test('is put there, measures what is put there, and leaves no model behind', async () => {
    const program = quickBenchmarkModel();
    const there = await transport.push(program);
    for (const benchmarkModel of [program, `device:${there}`]) {
      const client = clientOf(benchmarkModel);
      const { runtimeVersion } = await client.hello();
      expect(runtimeVersion).toMatch(/^benchmark_model [0-9a-f]{12}, XNNPACK, medians of runs$/);
      const device = createRunnerDevice(someProvenance, client, BENCHMARK_EFFORT);
      const found: number[] = [];
      for await (const { medianMs } of device.measureKernels(kernels)) {
        if (found.push(medianMs) === 1) expect(await files(there)).toContain('.tflite');
      }
      expect(found).toEqual(kernels.map(quickKernelMs));
      expect((await device.measureNetwork(graph)).medianMs).toBe(quickNetworkMs(graph));
      await device.close();
      expect(await files(there)).not.toContain('.tflite');
    }
  });

  test('goes on where it was when the cable is pulled', async () => {
    const program = quickBenchmarkModel();
    const there = await transport.push(program);
    const client = clientOf(program);
    const device = createRunnerDevice(someProvenance, client, BENCHMARK_EFFORT);
    const found: number[] = [];
    for await (const { medianMs } of device.measureKernels(kernels)) {
      found.push(medianMs);
      if (found.length > 1) continue;
      machine.unplug();
      void sleep(4_000).then(() => machine.plugIn());
    }
    expect(found).toEqual(kernels.map(quickKernelMs));
    await device.close();
    expect(await files(there)).not.toContain('.tflite');
  });
});
