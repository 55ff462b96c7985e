import type { Transferable } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { messageOf, NasError } from '../base/errors.ts';
import { type Outcome, resultOf } from './outcome.ts';

/**
 * Threads that answer tasks.
 * Guarantees: tasks start in the order they were given; an error that the task throws arrives as it was; a
 * worker that dies rejects its task with a NasError and is replaced; an aborted task rejects with the signal's
 * reason and its worker is ended, whatever it is doing.
 */
export interface WorkerPool<Task, Result> {
  readonly workers: number;
  /** `transfer`: what of the task moves to the worker, such as a port. */
  run(task: Task, signal?: AbortSignal, transfer?: readonly Transferable[]): Promise<Result>;
  /** Ends all workers; tasks under way are rejected. */
  close(): Promise<void>;
}

export interface WorkerPoolOptions {
  /** In errors: `embedded trainer`. */
  readonly name: string;
  /** A compiled module that exports `run`, made by `workerTask`. */
  readonly file: URL;
  readonly workers: number;
  /** Copied to each worker once; memory that is shared stays shared. */
  readonly workerData: unknown;
}

export function createWorkerPool<Task, Result>(options: WorkerPoolOptions): WorkerPool<Task, Result> {
  const { name, file, workers, workerData } = options;
  const piscina = new Piscina<Task, Outcome<Result>>({
    filename: file.href,
    name: 'run',
    // As many as may be: piscina replaces an aborted worker only to keep this number, not for tasks that wait.
    minThreads: workers,
    maxThreads: workers,
    workerData,
  });
  return {
    workers,
    async run(task, signal, transfer = []) {
      signal?.throwIfAborted();
      let outcome: Outcome<Result>;
      try {
        outcome = await piscina.run(task, {
          transferList: [...transfer],
          ...(signal === undefined ? {} : { signal }),
        });
      } catch (cause) {
        signal?.throwIfAborted();
        throw new NasError(name, {
          found: `a worker died: ${messageOf(cause)}`,
          next: 'try again; if it dies again, give it less work at once or more memory',
          cause,
        });
      }
      return resultOf(outcome);
    },
    close: () => piscina.destroy(),
  };
}
