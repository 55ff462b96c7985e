import { type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { messageOf, NasError } from '../../base/errors.ts';
import { outcomeOf } from '../outcome.ts';
import { connectionOf, type QueueAddress } from './address.ts';
import { cancelledOf, type JobData, type JobResult, PREFIX } from './job.ts';

/** What goes wrong for reasons of the machine, not of the task: another worker may do better, or this one later. */
export class Unavailable extends NasError {}

export interface QueueServerOptions<Task, Result, Report> {
  readonly address: QueueAddress;
  /** For single commands. */
  readonly redis: Redis;
  readonly queue: string;
  /** Tasks at once. */
  readonly places: number;
  /** After so long without a sign of life its tasks go to others. */
  readonly stalledMs: number;
  /** Does a task; whatever it throws but `Unavailable` is the task's answer. */
  readonly work: (
    task: Task,
    options: { readonly signal: AbortSignal; readonly report: (report: Report) => void },
  ) => Promise<Result>;
  /** What a person reads of the tasks under way. */
  readonly titleOf: (task: Task) => string;
  /** When one begins or ends. */
  readonly onChange: (line: string) => void;
  /** The connection is lost, or a task's lock. */
  readonly onTrouble: (line: string) => void;
}

export interface QueueServer {
  /** Titles of the tasks under way. */
  busy(): readonly string[];
  /** Takes no more tasks; resolves when those under way are done. */
  drain(): Promise<void>;
  /** Gives those under way back to the queue, for others to begin anew. */
  release(): void;
}

/** Deaths of workers in the midst of a task before it counts as what kills them. */
const MOST_STALLS = 5;
/** How soon a task ends that nobody waits for. */
const LOOK_MS = 1_000;

interface Active {
  readonly title: string;
  readonly controller: AbortController;
  end: 'cancelled' | 'released' | undefined;
}

/** Takes tasks from a queue and answers them, until it is told to stop. */
export function serveQueue<Task, Result, Report>(
  options: QueueServerOptions<Task, Result, Report>,
): QueueServer {
  const { address, redis, queue, places, stalledMs, work, titleOf, onChange, onTrouble } = options;
  const active = new Map<string, Active>();
  const stop = (job: Active, end: NonNullable<Active['end']>): void => {
    job.end = end;
    job.controller.abort(new NasError('nas worker', { found: `the task was ${end}` }));
  };

  const process = async (job: Job<JobData<Task>>, token = ''): Promise<JobResult> => {
    const { task } = job.data;
    const id = job.id ?? '';
    const entry: Active = { title: titleOf(task), controller: new AbortController(), end: undefined };
    active.set(id, entry);
    onChange(`begun    ${entry.title}`);
    const reports: Report[] = [];
    let isTelling = false;
    /** One message at a time, with all that there is by then. What a lost connection swallows, the result has. */
    const tell = async (): Promise<void> => {
      if (isTelling) return;
      isTelling = true;
      for (let told = 0; told < reports.length; ) {
        told = reports.length;
        await job.updateProgress({ reports }).catch(() => {});
      }
      isTelling = false;
    };
    const report = (one: Report): void => {
      reports.push(one);
      void tell();
    };
    try {
      let unavailable: unknown;
      const outcome = await outcomeOf(() =>
        work(task, { signal: entry.controller.signal, report }).catch((error) => {
          if (error instanceof Unavailable) unavailable = error;
          throw error;
        }),
      );
      if (entry.end === 'released') {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (entry.end === 'cancelled') return { outcome: { state: 'cancelled' }, reports };
      // Of BullMQ: tried again, after a pause.
      if (unavailable !== undefined) throw unavailable;
      return { outcome, reports };
    } catch (error) {
      if (!(error instanceof WaitingError)) onTrouble(`${entry.title}: ${messageOf(error)}`);
      throw error;
    } finally {
      active.delete(id);
      onChange(`${entry.end ?? 'ended'}    ${entry.title}`);
    }
  };

  const worker = new Worker<JobData<Task>, JobResult>(queue, process, {
    connection: connectionOf(address),
    ...{ prefix: PREFIX, concurrency: places, maxStalledCount: MOST_STALLS },
    ...{ lockDuration: stalledMs, stalledInterval: stalledMs },
  });
  worker.on('error', (error) => onTrouble(error.message));
  const looking = setInterval(() => {
    cancelledOf(redis, [...active.keys()])
      .then((cancelled) => {
        for (const id of cancelled) {
          const job = active.get(id);
          if (job !== undefined && job.end === undefined) stop(job, 'cancelled');
        }
      })
      // Redis is gone for a while; the next look finds it.
      .catch(() => {});
  }, LOOK_MS);

  return {
    busy: () => [...active.values()].map(({ title }) => title),
    async drain() {
      await worker.close();
      clearInterval(looking);
    },
    release() {
      for (const job of active.values()) if (job.end === undefined) stop(job, 'released');
    },
  };
}
