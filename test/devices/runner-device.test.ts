import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { Device } from '../../src/devices/device.ts';
import { createRunnerClient } from '../../src/devices/runner-client.ts';
import { createRunnerDevice } from '../../src/devices/runner-device.ts';
import { localTransport } from '../../src/devices/transports/local.ts';
import type { ProcessExit, Transport } from '../../src/devices/transports/transport.ts';
import { distinctKernels, type Kernel } from '../../src/graph/fusion.ts';
import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';
import { someProvenance } from '../latency/some-table.ts';

const FAKE = fileURLToPath(new URL('./fake-runner.mjs', import.meta.url));
const provenance = { ...someProvenance, device: 'test-phone', runtime: 'fake' };

/** Every process the device starts, to see that all have ended. */
let exits: Promise<ProcessExit>[] = [];
let device: Device | undefined;

function deviceThat(behaviour: string, startTimeoutMs = 20_000): Device {
  const transport: Transport = {
    ...localTransport,
    async start(argv, options) {
      const process = await localTransport.start(argv, options);
      exits.push(process.exited);
      return process;
    },
  };
  const client = createRunnerClient({
    device: provenance.device,
    transport,
    argv: [process.execPath, FAKE, behaviour],
    startTimeoutMs,
    answerTimeoutMs: 1_000,
  });
  device = createRunnerDevice(provenance, client);
  return device;
}

afterEach(async () => {
  await device?.close();
  await Promise.all(exits);
  exits = [];
});

const kernels = ((): readonly Kernel[] => {
  const b = new GraphBuilder();
  const x = b.input([8, 8, 4]);
  return distinctKernels([b.build([3, 5, 7].reduce((y, kernel) => b.convolution(y, 4, { kernel }), x))]);
})();

async function measured(subject: Device, signal?: AbortSignal): Promise<string[]> {
  const signatures: string[] = [];
  for await (const { signature } of subject.measureKernels(kernels, signal === undefined ? {} : { signal })) {
    signatures.push(signature);
  }
  return signatures;
}

test('yields every kernel, request after request, from one process', async () => {
  const subject = deviceThat('works');
  const signatures = kernels.map(({ signature }) => signature);
  expect(await measured(subject)).toEqual(signatures);
  expect(await measured(subject)).toEqual(signatures);
  expect(exits).toHaveLength(1);
});

test('networks are measured side by side, each once, and one as the only one of its kind', async () => {
  const subject = deviceThat('works');
  const networks = [3, 7].map((kernel) => {
    const b = new GraphBuilder();
    return { name: `net${kernel}`, graph: b.build(b.convolution(b.input([8, 8, 4]), 4, { kernel })) };
  });
  const latencies = [];
  for await (const latency of subject.measureNetworks(networks)) latencies.push(latency);
  expect(latencies).toMatchObject([
    { name: 'net3', medianMs: 1 },
    { name: 'net7', medianMs: 1 },
  ]);
  expect(await subject.measureNetwork(networks[0]?.graph as Graph)).toMatchObject({ medianMs: 1 });
});

test("two measurements at a time do not get into each other's way", async () => {
  const subject = deviceThat('works');
  const [first, second] = await Promise.all([measured(subject), measured(subject)]);
  expect(second).toEqual(first);
});

describe('an error names the device and the kernel, and no process is left, when the runner', () => {
  test.each([
    ['dies', /test-phone: its runner ended \(exit code 70\) while loading .*k5x5.*out of memory/],
    ['hangs', /test-phone: no word for 1 s while loading .*k5x5/],
    ['babbles', /test-phone: answer of its runner: not JSON .* while loading .*k5x5/],
    ['refuses', /test-phone: .*k5x5.*: too large; expected less/],
    ['miscounts', /test-phone: 0 samples while measuring .*k5x5.*; expected \d+/],
  ])('%s', async (behaviour, message) => {
    const subject = deviceThat(behaviour);
    const before: string[] = [];
    const run = async (): Promise<void> => {
      for await (const { signature } of subject.measureKernels(kernels)) before.push(signature);
    };
    await expect(run()).rejects.toThrow(message);
    expect(before.length).toBeLessThan(kernels.length);
    await subject.close();
    await Promise.all(exits);
  });
});

test('a runner that never says hello is given up', async () => {
  await expect(measured(deviceThat('mute', 1_000))).rejects.toThrow(
    /test-phone: no word for 1 s while starting its runner/,
  );
  await Promise.all(exits);
});

test('a runner of another version is refused', async () => {
  await expect(measured(deviceThat('other-protocol'))).rejects.toThrow(
    /protocol 99; expected hello with protocol 2/,
  );
  await Promise.all(exits);
});

test('an abort stops the measurement and its process, and the device works on', async () => {
  const subject = deviceThat('hangs');
  const controller = new AbortController();
  const run = measured(subject, controller.signal);
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await expect(run).rejects.toThrow('enough');
  await Promise.all(exits);
  const iterator = subject.measureKernels(kernels.slice(0, 1))[Symbol.asyncIterator]();
  expect((await iterator.next()).done).toBe(false);
  await iterator.return?.();
});

test('whoever stops listening midway leaves nothing for the next request', async () => {
  const subject = deviceThat('works');
  for await (const { signature } of subject.measureKernels(kernels)) {
    expect(signature).toBe(kernels[0]!.signature);
    break;
  }
  expect(await measured(subject)).toHaveLength(kernels.length);
});
