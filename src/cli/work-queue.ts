import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { openBlobStore } from '../blobs/open-blob-store.ts';
import type { WorkerPool } from '../workers/pool.ts';
import { type QueueAddress, shownAddress } from '../workers/queue/address.ts';
import { connect } from '../workers/queue/connect.ts';
import { type Presence, presentWorkers } from '../workers/queue/presence.ts';
import { createQueuePool } from '../workers/queue/queue-pool.ts';
import type { Work } from './work.ts';

/** The options with which a user names a queue. */
export interface QueueOptions {
  readonly queue?: string;
  readonly queueCa?: string;
  readonly shared?: string;
}

/** Workers elsewhere, and what is shared with them. */
export interface WorkQueue {
  /** As a person may see it. */
  readonly shownAs: string;
  readonly blobs: BlobStore;
  /** As of some seconds ago. */
  workers(): readonly Presence[];
  /** The first workers that suit, which are waited for. */
  await(isSuitable: (worker: Presence) => boolean, what: string): Promise<readonly Presence[]>;
  pool<Task, Result, Report>(asked: PoolRequest<Task>): Promise<WorkerPool<Task, Result, Report>>;
  close(): Promise<void>;
}

interface PoolRequest<Task> {
  /** In errors. */
  readonly name: string;
  readonly queue: string;
  readonly places: () => number;
  readonly priorityOf?: (task: Task) => number;
}

/** Between two looks at who is there. */
const LOOK_MS = 3_000;

export function addQueueOptions(command: Command, { shared = true } = {}): Command {
  command
    .addOption(
      new Option(
        '--queue <url>',
        'redis://HOST or rediss://HOST (TLS), where workers elsewhere take trainings and measurements from; the password may be in NAS_QUEUE_PASSWORD',
      ).env('NAS_QUEUE'),
    )
    .option('--queue-ca <file>', 'of --queue with TLS: the certificate authority, in PEM');
  if (!shared) return command;
  return command.addOption(
    new Option(
      '--shared <place>',
      'of --queue: where files are passed on, a folder that all machines have or s3://BUCKET/PREFIX',
    ).env('NAS_SHARED'),
  );
}

export function queueAddressOf({ queue, queueCa }: QueueOptions): QueueAddress {
  if (queue === undefined) {
    throw new NasError('--queue', {
      found: 'missing',
      expected: 'the address of a Redis',
      next: 'redis-server --appendonly yes starts one; then --queue redis://127.0.0.1',
    });
  }
  const { NAS_QUEUE_PASSWORD: password } = process.env;
  return { url: queue, certificateAuthority: queueCa, ...(password ? { password } : {}) };
}

export function requireShared({ shared }: QueueOptions): string {
  if (shared !== undefined) return shared;
  throw new NasError('--shared', {
    found: 'missing',
    expected: 'a place that this machine and all workers reach: a folder, or s3://BUCKET/PREFIX',
    next: 'on one machine any folder will do: --shared /tmp/nas-shared',
  });
}

/** Lets work be done with a queue where one is named, and without where none is. */
export async function withQueue<Result>(
  options: QueueOptions,
  work: Work,
  use: (work: Work) => Promise<Result>,
): Promise<Result> {
  if (options.queue === undefined) return use(work);
  const queue = await openQueue(queueAddressOf(options), requireShared(options), work);
  try {
    return await use({ ...work, queue });
  } finally {
    await queue.close();
  }
}

async function openQueue(
  address: QueueAddress,
  shared: string,
  { progress, signal }: Work,
): Promise<WorkQueue> {
  const blobs = await openBlobStore(shared);
  const redis = await connect(address);
  const shownAs = shownAddress(address.url);
  let present = await presentWorkers(redis);
  progress.line(`queue    ${shownAs}: ${present.length} workers there`);
  const look = async (): Promise<void> => {
    present = await presentWorkers(redis);
  };
  // Redis is gone for a while; the next look finds it.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  return {
    shownAs,
    blobs,
    workers: () => present,
    async await(isSuitable, what) {
      for (let isFirst = true; ; isFirst = false) {
        await look();
        const suitable = present.filter((worker) => !worker.draining && isSuitable(worker));
        if (suitable.length > 0) return suitable;
        if (isFirst) progress.line(`queue    ${shownAs}: waiting for a worker that ${what}`);
        await pause(LOOK_MS, undefined, { signal });
      }
    },
    pool: (asked) => createQueuePool({ ...asked, address, redis, keyOf: digestOf }),
    async close() {
      clearInterval(timer);
      redis.disconnect();
    },
  };
}
