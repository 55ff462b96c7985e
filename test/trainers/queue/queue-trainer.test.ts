import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf } from '../../../src/base/digest.ts';
import { openBlobStore } from '../../../src/blobs/open-blob-store.ts';
import type { Dataset } from '../../../src/datasets/dataset.ts';
import type { EpochReport } from '../../../src/objective/trial.ts';
import { datasetFile, readDatasetFile } from '../../../src/trainers/dataset-file.ts';
import { createEmbeddedTrainer } from '../../../src/trainers/embedded/embedded.ts';
import { createQueueTrainer } from '../../../src/trainers/queue/queue-trainer.ts';
import type { TrainingAnswer, TrainingTask } from '../../../src/trainers/queue/training-task.ts';
import type { Trainer, TrainRequest } from '../../../src/trainers/trainer.ts';
import { connect } from '../../../src/workers/queue/connect.ts';
import { createQueuePool } from '../../../src/workers/queue/queue-pool.ts';
import { NO_REDIS, startRedis, type TestRedis } from '../../workers/queue/redis.ts';
import { trainerContract } from '../contract.ts';
import { TOY_DATASET } from '../toy-dataset.ts';
import { toyNetwork } from '../toy-network.ts';
import { TOY_RECIPE } from '../toy-recipe.ts';

const SERVER = fileURLToPath(new URL('training-server.mjs', import.meta.url));
const QUEUE = 'train-toys';
/** What test/trainers/embedded/doomed-worker.mjs dies of. */
const DOOMED_MS = 1e9;

let folder: string;
let redis: TestRedis;
let client: Redis;
let local: Trainer;
const servers: { readonly child: ChildProcess; readonly output: () => string }[] = [];

async function startServer(): Promise<(typeof servers)[number]> {
  const own = join(folder, `worker ${servers.length}`);
  const child = spawn(process.execPath, [SERVER, redis.url, QUEUE, join(folder, 'shared'), own, '1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('ready')) resolve();
    });
  });
  const server = { child, output: () => output };
  servers.push(server);
  await ready;
  return server;
}

async function openTrainer(dataset: Dataset, weightsFolder: string): Promise<Trainer> {
  const pool = await createQueuePool<TrainingTask, TrainingAnswer, EpochReport>({
    ...{ name: 'embedded trainer', address: { url: redis.url }, redis: client, queue: QUEUE },
    keyOf: digestOf,
    places: () => 2,
  });
  return createQueueTrainer({
    ...{ dataset, name: 'embedded', implementation: local.implementation, pool, weightsFolder },
    blobs: await openBlobStore(join(folder, 'shared')),
    datasetsFolder: join(folder, 'datasets'),
  });
}

beforeAll(async () => {
  if (NO_REDIS !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'nas-queue-trainer-'));
  redis = await startRedis();
  client = await connect({ url: redis.url });
  local = createEmbeddedTrainer({ dataset: TOY_DATASET, workers: 1 });
  await startServer();
});
afterAll(async () => {
  if (NO_REDIS !== undefined) return;
  for (const { child } of servers) child.kill('SIGKILL');
  await local.close();
  client.disconnect();
  await redis.remove();
  rmSync(folder, { recursive: true, force: true });
});

trainerContract('behind a queue', openTrainer, {
  doom: (request) => ({ onEpoch: () => undefined, ...request, timeoutMs: DOOMED_MS }),
  exact: true,
  ...(NO_REDIS === undefined ? {} : { skip: NO_REDIS }),
});

const REQUEST: TrainRequest = { graph: toyNetwork(), genotype: [], recipe: TOY_RECIPE, seed: 'a' };

test.skipIf(NO_REDIS !== undefined)(
  'is the trainer of its workers, with their digest and their results',
  async () => {
    const trainer = await openTrainer(TOY_DATASET, join(folder, 'weights'));
    try {
      expect(trainer.digest).toBe(local.digest);
      const [there, here] = await Promise.all([trainer.train(REQUEST), local.train(REQUEST)]);
      expect({ ...there, cpuSeconds: 0 }).toEqual({ ...here, cpuSeconds: 0 });
    } finally {
      await trainer.close();
    }
  },
);

test.skipIf(NO_REDIS !== undefined)(
  'a training whose worker is killed ends as one that was left alone, with another',
  async () => {
    const trainer = await openTrainer(TOY_DATASET, join(folder, 'weights'));
    try {
      const long = { ...REQUEST, recipe: { ...TOY_RECIPE, epochs: 60 }, saveWeights: true };
      const unbroken = await local.train({ ...long });
      const [first] = servers;
      const second = await startServer();
      let reports = 0;
      const onEpoch = (): void => {
        reports++;
        if (reports !== 5) return;
        const busy = second.output().split('begun').length > second.output().split('ended').length;
        (busy ? second : first)?.child.kill('SIGKILL');
      };
      const result = await trainer.train({ ...long, checkpoint: join(folder, 'state'), onEpoch });
      expect(result.epochs).toEqual(unbroken.epochs);
      expect(result.weights?.split('/').at(-1)).toBe(unbroken.weights?.split('/').at(-1));
      expect(servers.filter(({ child }) => child.signalCode === 'SIGKILL')).toHaveLength(1);
      expect(readdirSync(join(folder, 'shared', 'checkpoints'))).toEqual([]);
    } finally {
      await trainer.close();
    }
  },
);

test('a dataset comes back from its file as it was', async () => {
  const place = mkdtempSync(join(tmpdir(), 'nas-dataset-file-'));
  try {
    expect(readDatasetFile(await datasetFile(TOY_DATASET, place))).toEqual(TOY_DATASET);
    const list = {
      ...{ count: 2, height: 8, width: 8, channels: 3 },
      ...{ file: Int32Array.of(0, 1), offset: Float64Array.of(0, 2 ** 40), bytes: Int32Array.of(9, 8) },
      labels: new Uint16Array(new SharedArrayBuffer(4)),
    };
    const listed = { ...TOY_DATASET, files: ["/a b'/ü.jpg", '/c\n.jpg'], train: list, validation: list };
    expect(readDatasetFile(await datasetFile(listed, place))).toEqual(listed);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});
