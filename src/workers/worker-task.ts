import { type MessagePort, workerData } from 'node:worker_threads';
import { type Outcome, outcomeOf } from './outcome.ts';

/** A task on its way to a thread, with where its reports go. */
export interface ThreadTask<Task> {
  readonly task: Task;
  readonly port?: MessagePort;
}

/**
 * What a thread's file exports as `run`: it answers tasks one at a time. `start` is called once, before the
 * first task, with the pool's `workerData`, and gives what a worker keeps from task to task.
 */
export function workerTask<Data, State, Task, Result, Report = never>(
  start: (data: Data) => State,
  work: (state: State, task: Task, report: (report: Report) => void) => Result | Promise<Result>,
): (message: ThreadTask<Task>) => Promise<Outcome<Result>> {
  let state: { readonly kept: State } | undefined;
  return ({ task, port }) =>
    outcomeOf(() => {
      state ??= { kept: start(workerData as Data) };
      return work(state.kept, task, (report) => port?.postMessage(report));
    });
}
