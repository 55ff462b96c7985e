import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NasError } from '../../../src/base/errors.ts';
import type { Device } from '../../../src/devices/device.ts';
import { openDevice } from '../../../src/devices/open-device.ts';
import { RunnerLost } from '../../../src/devices/runner-client.ts';
import { createRunnerDevice } from '../../../src/devices/runner-device.ts';
import type { LoadRequest } from '../../../src/devices/runner-protocol.ts';
import { createBenchmarkClient } from '../../../src/devices/runtimes/tflite/benchmark-client.ts';
import { BENCHMARK_EFFORT } from '../../../src/devices/runtimes/tflite/effort.ts';
import { localTransport } from '../../../src/devices/transports/local.ts';
import { CONNECTION_LOST, type Transport } from '../../../src/devices/transports/transport.ts';
import { distinctKernels } from '../../../src/graph/fusion.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { someProvenance } from '../../latency/some-table.ts';
import { modelsRunBy, quickBenchmarkModel, quickKernelMs, quickNetworkMs } from './quick-benchmark-model.ts';

const graph = (() => {
  const b = new GraphBuilder();
  return b.build([3, 5, 7].reduce((y, kernel) => b.convolution(y, 4, { kernel }), b.input([8, 8, 4])));
})();
const kernels = distinctKernels([graph]);

let folder: string;
let device: Device | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-models-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  await device?.close();
  device = undefined;
  // Models come and go, however a measurement ends.
  expect(readdirSync(folder).filter((name) => name.startsWith('nas-tflite'))).toEqual([]);
  vi.unstubAllEnvs();
});

const open = async (
  benchmarkModel: string,
  options: { threads?: number; core?: number } = {},
): Promise<Device> => {
  device = await openDevice({
    ...{ name: 'local', runtime: 'tflite', benchmarkModel, dtype: 'float32', threads: 1, ...options },
    ...{ cache: folder, nasVersion: '0' },
  });
  return device;
};

async function signaturesOf(subject: Device, signal?: AbortSignal): Promise<string[]> {
  const signatures: string[] = [];
  for await (const { signature } of subject.measureKernels(kernels, signal === undefined ? {} : { signal })) {
    signatures.push(signature);
  }
  return signatures;
}

test('kernels are measured copy by copy less what a run costs, three processes each', async () => {
  const program = quickBenchmarkModel();
  const subject = await open(program);
  const found = [];
  for await (const latency of subject.measureKernels(kernels)) found.push(latency);
  expect(found.map(({ signature }) => signature)).toEqual(kernels.map(({ signature }) => signature));
  for (const [i, { medianMs, madMs, p10Ms, p90Ms, warmMs, samples, rejected }] of found.entries()) {
    const ms = quickKernelMs(kernels[i]!);
    expect({ medianMs, madMs, p10Ms, p90Ms, warmMs, samples, rejected }).toEqual({
      ...{ medianMs: ms, madMs: 0, p10Ms: ms, p90Ms: ms, warmMs: null, samples: 3, rejected: 0 },
    });
  }
});

test('a network is measured as it is', async () => {
  const subject = await open(quickBenchmarkModel());
  const { medianMs, samples } = await subject.measureNetwork(graph);
  expect([medianMs, samples]).toEqual([quickNetworkMs(graph), 5]);
});

test('provenance says by which program, and what its figures are', async () => {
  const program = quickBenchmarkModel();
  const { provenance } = await open(program);
  expect(provenance).toMatchObject({ runtime: 'tflite', dtype: 'float32', threads: 1, core: null });
  expect(provenance.runtimeVersion).toMatch(/^benchmark_model [0-9a-f]{12}, XNNPACK, medians of runs$/);
  await device?.close();
  const there = await open(`device:${program}`);
  expect(there.provenance.runtimeVersion).toBe(provenance.runtimeVersion);
  await there.close();
  const another = await open(quickBenchmarkModel('works', 1));
  expect(another.provenance.runtimeVersion).not.toBe(provenance.runtimeVersion);
});

test('rounds are interleaved, with the sentinel between all samples, in an order that a seed decides', async () => {
  const program = quickBenchmarkModel();
  const order = async (): Promise<readonly string[]> => {
    const before = modelsRunBy(program).length;
    const subject = await open(program);
    await signaturesOf(subject);
    await subject.close();
    return modelsRunBy(program).slice(before);
  };
  const first = await order();
  const sentinel = first.toSorted((a, b) => count(first, b) - count(first, a))[0]!;
  // The overhead is measured three times too, in a row.
  const samples = first.filter((name, i) => {
    return count(first, name) === 3 && ![first[i - 1], first[i + 1]].includes(name);
  });
  expect(new Set(samples).size).toBe(kernels.length);
  for (const [i, name] of first.entries()) {
    if (samples.includes(name)) expect([first[i - 1], first[i + 1]]).toEqual([sentinel, sentinel]);
  }
  const alike = samples.filter((name, i) => name === samples[i + 1]);
  expect(alike.length).toBeLessThan(samples.length / 2);
  expect(await order()).toEqual(first);
});

const count = (names: readonly string[], name: string): number =>
  names.filter((each) => each === name).length;

describe('what goes wrong is told, with the device and what it was doing, and no model is left, when the program', () => {
  const while3 = 'while (trying|measuring) 8x8x4 convolution 4 k3x3';
  test.each([
    [
      'lacks',
      `has no operator HARD_SWISH of version 1 \\(${while3}.*opcode 'HARD_SWISH'`,
      'newer TensorFlow Lite',
    ],
    ['fails', `ended with exit code 1 ${while3}.*it said: ERROR: Failed to allocate tensors!`, 'newer'],
    ['crashes', `was ended by SIGSEGV ${while3}`, 'memory'],
    [
      'stops',
      `${while3.slice('while '.length)}.*: output that breaks off after 'INFO: count=10 .*'; expected`,
      'benchmark_model',
    ],
  ] as const)('%s', async (behaviour, message, next) => {
    // The first run is that of `open`.
    const subject = await open(quickBenchmarkModel(behaviour, 1));
    const error = await signaturesOf(subject).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NasError);
    expect((error as NasError).message).toMatch(new RegExp(`^[a-z0-9-]+: benchmark_model.*${message}`));
    expect((error as NasError).next).toContain(next);
  });

  test('hangs', async () => {
    const client = createBenchmarkClient({
      ...{ device: 'it', transport: localTransport, benchmarkModel: quickBenchmarkModel('hangs') },
      ...{ threads: 1, timeoutMs: 500 },
    });
    await expect(client.hello()).rejects.toThrow(
      /^it: benchmark_model: it had not ended after 0\.5 s of trying it; expected its times/,
    );
  });

  test('does not know how many threads', async () => {
    await expect(open(quickBenchmarkModel('ignores'), { threads: 4 })).rejects.toThrow(
      '--benchmark-model: a program that does not know --num_threads=4',
    );
  });

  test.each([
    ['is another', '#!/bin/sh\necho usage\n', /output of another program: 'usage'/],
    ['says nothing', '#!/bin/sh\n', /: no output; expected what benchmark_model writes/],
    ['is for another processor', '\x7fELF\x02\x01\x01', /it does not run on that processor/],
    ['misses its interpreter', '#!/no/such/loader\n', /it, or a library that it needs, is not there/],
  ])('%s', async (_what, content, message) => {
    const program = join(folder, 'benchmark_model');
    writeFileSync(program, content, { mode: 0o755 });
    await expect(open(program)).rejects.toThrow(message);
  });

  test('may not be run, or is not there', async () => {
    const program = join(folder, 'benchmark_model');
    await expect(open(program)).rejects.toThrow(
      /^--benchmark-model: ENOENT.*expected a program on this machine/,
    );
    await expect(open(`device:${program}`)).rejects.toThrow(/^--benchmark-model: this machine has no such/);
    await expect(open(folder)).rejects.toThrow('--benchmark-model: not a file');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o644 });
    // The superuser may do anything but run what nobody may.
    await expect(open(program)).rejects.toThrow(/^--benchmark-model: EACCES/);
  });

  test('is to be on a core that there is none of', async () => {
    await expect(open(quickBenchmarkModel(), { core: 1000 })).rejects.toThrow(
      /it cannot be put on that core .*; expected --core with one that the device has/,
    );
  });
});

test('an abort ends the process and removes the models, and the device works on', async () => {
  const program = quickBenchmarkModel('stays', 1);
  const subject = await open(program);
  const controller = new AbortController();
  const run = signaturesOf(subject, controller.signal);
  await vi.waitUntil(() => modelsRunBy(program).length >= 4, { timeout: 60_000 });
  controller.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  expect(readdirSync(folder).filter((name) => name.startsWith('nas-tflite'))).toEqual([]);
  const iterator = subject.measureKernels(kernels.slice(0, 1))[Symbol.asyncIterator]();
  expect((await iterator.next()).done).toBe(false);
  await iterator.return?.();
});

test('what is loaded after it was closed outlives a closing that takes its time', async () => {
  let slow = true;
  const tidying: Transport = {
    ...localTransport,
    async run(argv, options) {
      if (argv[0] === 'rm' && slow) {
        slow = false;
        await sleep(300);
      }
      return localTransport.run(argv, options);
    },
  };
  const client = createBenchmarkClient({
    ...{ device: 'it', transport: tidying, benchmarkModel: quickBenchmarkModel(), threads: 1 },
  });
  const [input, convolution] = graph.nodes;
  const nodes: LoadRequest['nodes'] = [
    { name: 'input', op: input!.op, inputs: [] },
    { name: 'convolution', op: convolution!.op, inputs: [0] },
  ];
  const load = (key: string) => client.load({ key, dtype: 'float32', isolate: false, nodes, outputs: [1] });
  await load('one');
  const first = client.close();
  await client.close();
  await load('two');
  await first;
  await sleep(400);
  expect(await client.sample(['two'], false)).toHaveLength(1);
  await client.close();
});

test('two measurements at a time do not run beside each other', async () => {
  let running = 0;
  const watched: Transport = {
    ...localTransport,
    async start(argv, options) {
      expect(++running).toBe(1);
      const process = await localTransport.start(argv, options);
      void process.exited.then(() => --running);
      return process;
    },
  };
  device = createRunnerDevice(
    someProvenance,
    createBenchmarkClient({
      ...{ device: 'it', transport: watched, benchmarkModel: quickBenchmarkModel(), threads: 1 },
    }),
    BENCHMARK_EFFORT,
  );
  const [one, two] = await Promise.all([device.measureNetwork(graph), device.measureNetwork(graph)]);
  expect(two).toEqual(one);
});

test('a device that is lost in the middle is waited for, and only its round is lost', async () => {
  const program = quickBenchmarkModel();
  let losses = 0;
  const shaky: Transport = {
    ...localTransport,
    async start(argv, options) {
      const process = await localTransport.start(argv, options);
      if (modelsRunBy(program).length < 12 + 10 * losses || losses === 2) return process;
      losses++;
      return { ...process, exited: process.exited.then(() => ({ code: null, signal: CONNECTION_LOST })) };
    },
  };
  device = createRunnerDevice(
    someProvenance,
    createBenchmarkClient({ ...{ device: 'it', transport: shaky, benchmarkModel: program, threads: 1 } }),
    BENCHMARK_EFFORT,
  );
  expect(await signaturesOf(device)).toEqual(kernels.map(({ signature }) => signature));
  expect(losses).toBe(2);
});

test('a model that does not arrive is sent again, and told after that', async () => {
  let refusals = 0;
  const full: Transport = {
    ...localTransport,
    async push(path) {
      if (!path.endsWith('.tflite')) return path;
      refusals++;
      throw new NasError('it', { found: `${path} did not arrive`, next: 'see that there is room' });
    },
  };
  device = createRunnerDevice(
    someProvenance,
    createBenchmarkClient({
      ...{ device: 'it', transport: full, benchmarkModel: quickBenchmarkModel(), threads: 1 },
    }),
    BENCHMARK_EFFORT,
  );
  const error = await device.measureNetwork(graph).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RunnerLost);
  expect((error as RunnerLost).message).toMatch(/^it: a model for it: .* did not arrive/);
  expect((error as RunnerLost).next).toBe('see that there is room');
  expect(refusals).toBe(3);
});
