/** What goes with a task, not to the worker. */
export interface RunOptions<Report> {
  readonly signal?: AbortSignal | undefined;
  /** Called with what the worker tells meanwhile: all of it, in order, before the result is there. */
  readonly onReport?: ((report: Report) => void) | undefined;
}

/**
 * Workers that answer tasks: threads of this process, or processes of any machine that take them from a queue.
 * Guarantees: tasks start in the order they were given; each is answered once; an error that a task throws arrives
 * as it was; a task whose worker dies goes to another worker or is rejected with a NasError, and the pool stays usable;
 * an aborted task rejects with the signal's reason at once, and its worker soon stops to work on it.
 */
export interface WorkerPool<Task, Result, Report = never> {
  /** How many tasks are worked on at once; of a queue that changes with the workers that are there. */
  readonly workers: number;
  run(task: Task, options?: RunOptions<Report>): Promise<Result>;
  /** Tasks under way are rejected. */
  close(): Promise<void>;
}
