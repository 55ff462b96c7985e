import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/base/digest.ts';
import type { Device } from '../../../src/devices/device.ts';
import { openDevice } from '../../../src/devices/open-device.ts';
import { type DevicePool, type DeviceTask, deviceQueue } from '../../../src/devices/queue/device-task.ts';
import { createMeasuringHand, type MeasuringHand } from '../../../src/devices/queue/do-measuring.ts';
import { createQueueDevice } from '../../../src/devices/queue/queue-device.ts';
import { fuse, type Kernel } from '../../../src/graph/fusion.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import { connect } from '../../../src/workers/queue/connect.ts';
import { createQueuePool } from '../../../src/workers/queue/queue-pool.ts';
import { type QueueServer, serveQueue } from '../../../src/workers/queue/serve-queue.ts';
import { toyNetwork } from '../../trainers/toy-network.ts';
import { NO_REDIS, startRedis, type TestRedis } from '../../workers/queue/redis.ts';

const NAME = 'shelf/local';
const OPTIONS = { runtime: 'litert', dtype: 'float32', threads: 1 } as const;

/** Each once. */
function kernelsOf(graph: Graph): readonly Kernel[] {
  return [...new Map(fuse(graph).map(({ kernel }) => [kernel.signature, kernel])).values()];
}

let cache: string;
let redis: TestRedis;
let client: Redis;
let hand: MeasuringHand;
let server: QueueServer;
let device: Device;

function openLocal(): Promise<Device> {
  return openDevice({ name: 'local', ...OPTIONS, cache, nasVersion: '0' });
}

beforeAll(async () => {
  if (NO_REDIS !== undefined) return;
  cache = mkdtempSync(join(tmpdir(), 'nas-queue-device-'));
  redis = await startRedis();
  client = await connect({ url: redis.url });
  const [address, queue] = [{ url: redis.url }, deviceQueue(NAME)];
  hand = createMeasuringHand(openLocal);
  server = serveQueue({
    ...{ address, redis: client, queue, places: 1, stalledMs: 5_000, work: hand.measure },
    ...{ titleOf: () => 'measuring', onChange: () => {}, onTrouble: () => {} },
  });
  const pool = await createQueuePool<DeviceTask, unknown, unknown>({
    ...{ name: NAME, address, redis: client, queue, keyOf: digestOf, places: () => 1 },
  });
  device = await createQueueDevice({ name: NAME, options: OPTIONS, pool });
});
afterAll(async () => {
  if (NO_REDIS !== undefined) return;
  await device.close();
  await server.drain();
  await hand.close();
  client.disconnect();
  await redis.remove();
  rmSync(cache, { recursive: true, force: true });
});

describe('a device behind a queue', { skip: NO_REDIS !== undefined }, () => {
  test('says what the device says of itself', async () => {
    const local = await openLocal();
    const { measuredAt: _, ...there } = device.provenance;
    const { measuredAt: __, ...here } = local.provenance;
    expect(there).toEqual(here);
    expect(await device.state()).toEqual(await local.state());
    await local.close();
  });

  test('measures kernels, each told as soon as it is done, and networks', async () => {
    const kernels = kernelsOf(toyNetwork());
    const found: string[] = [];
    for await (const { signature, medianMs } of device.measureKernels(kernels)) {
      expect(medianMs).toBeGreaterThanOrEqual(0);
      found.push(signature);
    }
    expect(found.sort()).toEqual(kernels.map(({ signature }) => signature).sort());
    const { medianMs, samples } = await device.measureNetwork(toyNetwork());
    expect(medianMs).toBeGreaterThan(0);
    expect(samples).toBeGreaterThan(1);
  });

  test('stops measuring when nobody listens any more, and measures again', async () => {
    for await (const { medianMs } of device.measureKernels(kernelsOf(toyNetwork(12)))) {
      expect(medianMs).toBeGreaterThanOrEqual(0);
      break;
    }
    const controller = new AbortController();
    const aborted = device.measureNetwork(toyNetwork(16), { signal: controller.signal });
    controller.abort('tired');
    await expect(aborted).rejects.toBe('tired');
    expect((await device.measureNetwork(toyNetwork(8))).medianMs).toBeGreaterThan(0);
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a program', { do: 'run', program: '/bin/sh' }],
    [
      'a path among its options',
      { do: 'state', asked: '', options: { ...OPTIONS, benchmarkModel: '/bin/sh' } },
    ],
    ['a kernel of its own', { do: 'kernels', options: OPTIONS, kernels: ['; rm -rf /'] }],
    [
      'a graph of no ops',
      { do: 'networks', options: OPTIONS, networks: [{ name: 'x', graph: { nodes: 1, output: 0 } }] },
    ],
  ])('refuses a task of %s', async (_, task) => {
    const asked = hand.measure(task, { signal: new AbortController().signal, report: () => {} });
    await expect(asked).rejects.toMatchObject({ name: 'NasError', where: 'task' });
  });
});

describe('a worker that lies about its device', () => {
  const [kernel] = kernelsOf(toyNetwork());
  const good = {
    signature: kernel?.signature,
    medianMs: 1,
    madMs: 0,
    p10Ms: 1,
    p90Ms: 1,
    warmMs: null,
    samples: 3,
    rejected: 0,
  };
  const provenance = {
    ...{ device: 'a', processor: 'a', runtime: 'litert', runtimeVersion: '1', dtype: 'float32', threads: 1 },
    ...{
      core: null,
      governor: null,
      operatingSystem: 'a',
      measuredAt: '2026-01-01T00:00:00Z',
      nasVersion: '0',
    },
  };
  /** Answers what it is told to, whatever is asked. */
  const lying = (described: unknown, reports: readonly unknown[]): DevicePool => ({
    workers: 1,
    async run(task, { onReport } = {}) {
      for (const report of task.do === 'kernels' || task.do === 'networks' ? reports : []) onReport?.(report);
      return described;
    },
    close: async () => {},
  });
  const times = async (reports: readonly unknown[]): Promise<unknown[]> => {
    const pool = lying(provenance, reports);
    const liar = await createQueueDevice({ name: NAME, options: OPTIONS, pool });
    const found = [];
    for await (const one of liar.measureKernels(kernel === undefined ? [] : [kernel])) found.push(one);
    return found;
  };

  test('is believed what is well-formed', async () => {
    expect(await times([good])).toEqual([good]);
  });

  test.each<[string, readonly unknown[]]>([
    ['a negative time', [{ ...good, medianMs: -1 }]],
    ['no number', [{ ...good, medianMs: 'fast' }]],
    ['a kernel that nobody asked for', [{ ...good, signature: 'other' }]],
    ['one twice', [good, good]],
    ['no object', [7]],
  ])('is refused %s', async (_, reports) => {
    await expect(times(reports)).rejects.toMatchObject({ name: 'NasError', where: NAME });
  });

  test('is refused a folder of its own', async () => {
    const pool = lying({ ...provenance, device: '../../etc' }, []);
    await expect(createQueueDevice({ name: NAME, options: OPTIONS, pool })).rejects.toMatchObject({
      name: 'NasError',
      where: NAME,
    });
  });
});
