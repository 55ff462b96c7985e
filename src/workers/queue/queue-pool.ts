import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { messageOf, NasError } from '../../base/errors.ts';
import { resultOf } from '../outcome.ts';
import type { RunOptions, WorkerPool } from '../pool.ts';
import { connectionOf, type QueueAddress } from './address.ts';
import {
  cancelJob,
  type JobData,
  type JobProgress,
  type JobResult,
  KEPT_SECONDS,
  PREFIX,
  parseJobResult,
  wantJob,
} from './job.ts';

export interface QueuePoolOptions<Task> {
  /** In errors. */
  readonly name: string;
  readonly address: QueueAddress;
  /** For single commands. */
  readonly redis: Redis;
  /** Which of the queues; workers that take from it understand the task. */
  readonly queue: string;
  /**
   * Of hexadecimal digits: what a task is known by. One that is asked for again under the same key, by this process or the next,
   * is not done twice: its worker goes on, or has left the result.
   */
  readonly keyOf: (task: Task) => string;
  /** From 1, the most urgent. */
  readonly priorityOf?: (task: Task) => number;
  /** Tasks that workers take at once, now. */
  readonly places: () => number;
}

/** Answers are looked for so often, in case the message that tells of one was lost. */
const SWEEP_MS = 5_000;
/** A worker that fails for reasons of its own: the task goes to another, later and later. */
const RETRIES = { attempts: 5, backoff: { type: 'exponential', delay: 1_000 } } as const;

interface Waiting<Task, Result, Report> {
  readonly task: Task;
  readonly onReport: ((report: Report) => void) | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  reported: number;
}

/**
 * Workers on any machine, behind a queue in Redis (BullMQ). A task whose worker dies is given to another; one whose workers keep
 * dying is rejected. What Redis forgets is put there again. Ids are keys of tasks, so a second answer to a
 * task, from a worker that was thought dead, finds nobody who waits for it.
 */
export async function createQueuePool<Task, Result, Report = never>(
  options: QueuePoolOptions<Task>,
): Promise<WorkerPool<Task, Result, Report>> {
  const { name, address, redis, queue: queueName, keyOf, priorityOf, places } = options;
  const connection = connectionOf(address);
  const queue = new Queue<JobData<Task>>(queueName, { connection, prefix: PREFIX });
  const events = new QueueEvents(queueName, { connection, prefix: PREFIX });
  // A connection that is lost comes back by itself.
  queue.on('error', () => {});
  events.on('error', () => {});
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

  const waiting = new Map<string, Waiting<Task, Result, Report>>();
  /** Answered, of which the asker may not have taken note yet; and before the last sweep. */
  let answered: string[] = [];
  let settled: string[] = [];

  const put = async (id: string, task: Task): Promise<void> => {
    await wantJob(redis, id);
    await queue.add(queueName, { task } as never, {
      ...{ jobId: id, ...RETRIES },
      ...{ removeOnComplete: { age: KEPT_SECONDS }, removeOnFail: { age: KEPT_SECONDS } },
      ...(priorityOf === undefined ? {} : { priority: priorityOf(task) }),
    });
  };
  const report = (id: string, { reports }: JobProgress<Report>): void => {
    const asker = waiting.get(id);
    if (asker === undefined) return;
    const news = reports.slice(asker.reported);
    asker.reported += news.length;
    for (const one of news) asker.onReport?.(one);
  };
  const answer = (id: string, result: JobResult): void => {
    const asker = waiting.get(id);
    if (asker === undefined) return;
    if (result.outcome.state === 'cancelled') {
      void again(id).catch(() => {});
      return;
    }
    report(id, { reports: result.reports as Report[] });
    waiting.delete(id);
    answered.push(id);
    try {
      asker.resolve(resultOf(result.outcome) as Result);
    } catch (error) {
      asker.reject(error);
    }
  };
  const giveUp = (id: string, reason: string): void => {
    const asker = waiting.get(id);
    if (asker === undefined) return;
    waiting.delete(id);
    answered.push(id);
    asker.reject(
      new NasError(name, {
        found: `workers of the queue failed: ${reason}`,
        next: 'look at what nas worker printed there; the network may need more memory than they have',
      }),
    );
  };
  /** Anew, in the place of what lies there. */
  const again = async (id: string): Promise<void> => {
    await queue.remove(id);
    const asker = waiting.get(id);
    if (asker !== undefined) await put(id, asker.task);
  };
  /** What became of a task. */
  const look = async (id: string): Promise<void> => {
    const state = await queue.getJobState(id);
    if (state === 'unknown') return again(id);
    if (state !== 'completed' && state !== 'failed') return;
    const job = await queue.getJob(id);
    if (job === undefined) return;
    if (state === 'completed') answer(id, parseJobResult(job.returnvalue, name));
    else giveUp(id, job.failedReason ?? 'no reason');
  };
  const sweep = async (): Promise<void> => {
    await Promise.all([...waiting.keys()].map(look));
    const gone = settled;
    settled = answered;
    answered = [];
    await Promise.all(gone.map((id) => queue.remove(id)));
  };

  events.on('completed', ({ jobId }) => void look(jobId).catch(() => {}));
  events.on('failed', ({ jobId }) => void look(jobId).catch(() => {}));
  events.on('progress', ({ jobId, data }) => report(jobId, data as unknown as JobProgress<Report>));
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => {
    sweeping ??= sweep()
      // Redis is gone for a while; the next look finds it.
      .catch(() => {})
      .finally(() => {
        sweeping = undefined;
      });
  }, SWEEP_MS);

  return {
    get workers() {
      return places();
    },
    async run(task, { signal, onReport }: RunOptions<Report> = {}) {
      signal?.throwIfAborted();
      const id = freeId(keyOf(task), waiting);
      const result = new Promise<Result>((resolve, reject) => {
        waiting.set(id, { task, onReport, resolve, reject, reported: 0 });
      });
      const abort = (): void => {
        const asker = waiting.get(id);
        waiting.delete(id);
        asker?.reject(signal?.reason);
        void forget(queue, redis, id).catch(() => {});
      };
      signal?.addEventListener('abort', abort, { once: true });
      try {
        void begin(id);
        return await result;
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
    async close() {
      clearInterval(timer);
      for (const [id, { reject }] of waiting) {
        reject(new NasError(name, { found: 'the queue was closed' }));
        await forget(queue, redis, id).catch(() => {});
      }
      waiting.clear();
      await sweeping;
      await Promise.all([...settled, ...answered].map((id) => queue.remove(id).catch(() => {})));
      await Promise.all([events.close(), queue.close()]);
    },
  };

  /** Puts a task on the queue, or finds what another process that asked for it has left there. */
  async function begin(id: string): Promise<void> {
    const asker = waiting.get(id);
    if (asker === undefined) return;
    try {
      if ((await queue.getJobState(id)) === 'failed') await queue.remove(id);
      await put(id, asker.task);
      // Given up meanwhile.
      if (waiting.get(id) !== asker) return await forget(queue, redis, id);
      await look(id);
    } catch (cause) {
      if (waiting.get(id) !== asker) return;
      waiting.delete(id);
      asker.reject(
        new NasError(name, { found: `the queue does not take the task (${messageOf(cause)})`, cause }),
      );
    }
  }
}

/** What nobody waits for any more is taken off the queue, or its worker is told. */
async function forget(queue: Queue, redis: Redis, id: string): Promise<void> {
  await cancelJob(redis, id);
  if ((await queue.getJobState(id)) !== 'active') await queue.remove(id);
}

/** The key; numbered where the same is asked twice at once. */
function freeId(key: string, taken: ReadonlyMap<string, unknown>): string {
  if (!taken.has(key)) return key;
  let number = 2;
  while (taken.has(`${key}-${number}`)) number++;
  return `${key}-${number}`;
}
