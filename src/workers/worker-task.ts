import { workerData } from 'node:worker_threads';
import { type Outcome, outcomeOf } from './outcome.ts';

/**
 * What a worker's file exports as `run`: it answers tasks one at a time. `start` is called once, before the
 * first task, with the pool's `workerData`, and gives what a worker keeps from task to task.
 */
export function workerTask<Data, State, Task, Result>(
  start: (data: Data) => State,
  work: (state: State, task: Task) => Result | Promise<Result>,
): (task: Task) => Promise<Outcome<Result>> {
  let state: { readonly kept: State } | undefined;
  return (task) =>
    outcomeOf(() => {
      state ??= { kept: start(workerData as Data) };
      return work(state.kept, task);
    });
}
