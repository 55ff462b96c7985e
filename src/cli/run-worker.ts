import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { createSecret } from '../base/secret.ts';
import { openBlobStore } from '../blobs/open-blob-store.ts';
import { cacheFolder } from '../datasets/cache-folder.ts';
import type { Dataset, ImageSet } from '../datasets/dataset.ts';
import type { RuntimeName } from '../devices/open-device.ts';
import { deviceQueue } from '../devices/queue/device-task.ts';
import { createMeasuringHand } from '../devices/queue/do-measuring.ts';
import { createTrainingHand } from '../trainers/queue/do-training.ts';
import { trainingQueue } from '../trainers/queue/training-task.ts';
import { type QueueAddress, shownAddress } from '../workers/queue/address.ts';
import { connect } from '../workers/queue/connect.ts';
import { type Announcement, announce, type Presence } from '../workers/queue/presence.ts';
import { type QueueServer, type QueueServerOptions, serveQueue } from '../workers/queue/serve-queue.ts';
import { openNamedDevice } from './device-options.ts';
import { offeredName } from './queued-device.ts';
import { openTrainer, type TrainerConfig } from './trainer-options.ts';
import { VERSION } from './version.ts';
import type { Work } from './work.ts';

/** What a worker takes from a queue. */
export interface WorkerOffer {
  readonly address: QueueAddress;
  readonly shared: string;
  readonly trainer: TrainerConfig | undefined;
  /** Networks to train at once. */
  readonly workers: number | undefined;
  /** To measure on, one task at a time each. */
  readonly devices: readonly string[];
  /** Of the devices: the only program of the user's that runs there. */
  readonly benchmarkModel: string | undefined;
  readonly stalledMs: number;
}

/** Of one thing that the worker does: its tasks, and what it holds open for them. */
interface Served {
  readonly server: QueueServer;
  close(): Promise<void>;
}

type Shared = Pick<
  QueueServerOptions<unknown, unknown, unknown>,
  'address' | 'redis' | 'stalledMs' | 'onChange' | 'onTrouble'
>;

/** Takes tasks until `signal` asks to finish, or `hurry` to give back what is under way. */
export async function runWorker(
  offer: WorkerOffer,
  { progress, signal }: Pick<Work, 'progress' | 'signal'>,
  hurry: AbortSignal,
): Promise<void> {
  const { address, devices, stalledMs } = offer;
  const redis = await connect(address);
  const presence: { -readonly [Field in keyof Presence]: Presence[Field] } = {
    ...{ id: createSecret(), host: hostname(), processId: process.pid, nasVersion: VERSION },
    ...{ since: systemClock.timestamp(), devices: [], busy: [], draining: false },
  };
  const served: Served[] = [];
  const describe = (): Presence => ({ ...presence, busy: served.flatMap(({ server }) => server.busy()) });
  let announcement: Announcement | undefined;
  const shared: Shared = {
    ...{ address, redis, stalledMs },
    onChange: (line) => {
      progress.line(line);
      void announcement?.update();
    },
    onTrouble: (line) => progress.line(`trouble  ${line}`),
  };
  try {
    if (offer.trainer !== undefined) {
      const training = await serveTrainings(offer, offer.trainer, shared, signal);
      served.push(training);
      presence.trainer = training.trainer;
      const { name, places, implementation } = training.trainer;
      progress.line(
        `worker   trains with ${name}, ${places} at once (implementation ${implementation.slice(0, 16)})`,
      );
    }
    for (const name of devices) {
      served.push(await serveDevice(name, offer, shared, { progress, signal }));
      presence.devices = [...presence.devices, offeredName(hostname(), name)];
      progress.line(`worker   measures on ${offeredName(hostname(), name)}`);
    }
    announcement = await announce(redis, describe);
    progress.line(`worker   ${hostname()} ${process.pid} takes tasks from ${shownAddress(address.url)}`);
    await aborted(signal);
    presence.draining = true;
    await announcement.update();
    const giveBack = (): void => {
      for (const { server } of served) server.release();
    };
    if (hurry.aborted) giveBack();
    hurry.addEventListener('abort', giveBack, { once: true });
    await Promise.all(served.map(({ server }) => server.drain()));
    await announcement.end();
  } finally {
    await Promise.all(served.map((one) => one.close()));
    redis.disconnect();
  }
}

async function serveTrainings(
  { shared: place, workers }: WorkerOffer,
  config: TrainerConfig,
  shared: Shared,
  signal: AbortSignal,
): Promise<Served & { readonly trainer: NonNullable<Presence['trainer']> }> {
  const root = join(cacheFolder(), 'queue');
  await removeLeftovers(root);
  const folder = join(root, `${OWN_FOLDER}${process.pid}`);
  await mkdir(folder, { recursive: true });
  const open = (dataset: Parameters<typeof openTrainer>[1]['dataset']) =>
    openTrainer(config, { dataset, workers, weightsFolder: join(folder, 'weights'), signal });
  // On an image of nothing, to learn what trains and how many at once before there is anything to train.
  const trial = await open(NOTHING);
  const { name, implementation, parallelism: places } = trial;
  await trial.close();
  const hand = createTrainingHand({
    ...{ blobs: await openBlobStore(place), folder, cache: join(root, 'blobs') },
    ...{ openTrainer: open, clock: systemClock },
  });
  const server = serveQueue({
    ...{ ...shared, queue: trainingQueue(implementation), places },
    work: hand.train,
    titleOf: (task) => `training ${fieldOf(task, 'seed')}`,
  });
  return {
    server,
    trainer: { name, implementation, places },
    async close() {
      await hand.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serveDevice(
  device: string,
  { benchmarkModel }: WorkerOffer,
  shared: Shared,
  work: Pick<Work, 'progress' | 'signal'>,
): Promise<Served> {
  const hand = createMeasuringHand(({ runtime, ...options }) =>
    openNamedDevice(
      { ...options, device, benchmarkModel, runtime: runtime as RuntimeName | undefined },
      work,
    ),
  );
  const server = serveQueue({
    ...{ ...shared, queue: deviceQueue(offeredName(hostname(), device)), places: 1 },
    work: hand.measure,
    titleOf: (task) => `measuring ${fieldOf(task, 'do')} on ${device}`,
  });
  return { server, close: hand.close };
}

/** For a person to read, of a task that nobody has checked yet. */
function fieldOf(task: unknown, field: string): string {
  const value = (task as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof value === 'string' ? value.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 60) : '?';
}

const OWN_FOLDER = 'worker-';

/** Of workers that were killed. */
async function removeLeftovers(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names) {
    const processId = Number(name.replace(OWN_FOLDER, ''));
    if (name.startsWith(OWN_FOLDER) && !isRunning(processId)) {
      await rm(join(root, name), { recursive: true, force: true });
    }
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const NO_IMAGES: ImageSet = {
  ...{ count: 0, height: 1, width: 1, channels: 3 },
  pixels: new Uint8Array(new SharedArrayBuffer(0)),
  labels: new Uint16Array(new SharedArrayBuffer(0)),
};
const NOTHING: Dataset = {
  ...{ name: 'nothing', digest: '', classes: ['none'], train: NO_IMAGES, validation: NO_IMAGES },
  ...{ mean: [0, 0, 0], standardDeviation: [1, 1, 1] },
};
