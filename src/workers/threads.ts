import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { messageOf, NasError } from '../base/errors.ts';
import { type Outcome, resultOf } from './outcome.ts';
import type { WorkerPool } from './pool.ts';
import type { ThreadTask } from './worker-task.ts';

export interface ThreadPoolOptions {
  /** In errors: `embedded trainer`. */
  readonly name: string;
  /** A compiled module that exports `run`, made by `workerTask`. */
  readonly file: URL;
  readonly workers: number;
  /** Copied to each worker once; memory that is shared stays shared. */
  readonly workerData: unknown;
}

/**
 * Threads of this process. One that dies rejects its task with a NasError and is replaced; one whose task is aborted is
 * ended, whatever it is doing.
 */
export function createThreadPool<Task, Result, Report = never>(
  options: ThreadPoolOptions,
): WorkerPool<Task, Result, Report> {
  const { name, file, workers, workerData } = options;
  const piscina = new Piscina<ThreadTask<Task>, Outcome<Result>>({
    filename: file.href,
    name: 'run',
    // As many as may be: piscina replaces an aborted worker only to keep this number, not for tasks that wait.
    minThreads: workers,
    maxThreads: workers,
    workerData,
  });
  const outcomeOf = async (message: ThreadTask<Task>, signal?: AbortSignal): Promise<Outcome<Result>> => {
    signal?.throwIfAborted();
    try {
      return await piscina.run(message, {
        transferList: message.port === undefined ? [] : [message.port],
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
  };
  return {
    workers,
    async run(task, { signal, onReport } = {}) {
      if (onReport === undefined) return resultOf(await outcomeOf({ task }, signal));
      const { port1: reports, port2: port } = new MessageChannel();
      reports.on('message', onReport);
      try {
        return resultOf(await outcomeOf({ task, port }, signal));
      } finally {
        // What was sent before the end and has not come up yet.
        for (let left = receiveMessageOnPort(reports); left; left = receiveMessageOnPort(reports)) {
          onReport(left.message);
        }
        reports.close();
      }
    },
    close: () => piscina.destroy(),
  };
}
