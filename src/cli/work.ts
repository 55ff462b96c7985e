import { systemClock } from '../base/clock.ts';
import { createProgress, type Progress } from '../report/progress.ts';
import { Interrupted, interruptSignal } from './exit.ts';
import type { WorkQueue } from './work-queue.ts';

/** What long work needs to show itself and to be stopped. */
export interface Work {
  readonly progress: Progress;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Where networks are trained and measured elsewhere. */
  readonly queue?: WorkQueue | undefined;
}

/** Does long work: its progress on stderr, Ctrl-C its end. Whatever breaks after Ctrl-C broke because of it. */
export async function doWork<Result>(work: (work: Work) => Promise<Result>): Promise<Result> {
  const progress = createProgress(process.stderr);
  const signal = interruptSignal(() =>
    progress.line('stopping: what is finished is stored; again to stop at once'),
  );
  try {
    return await work({ progress, signal, nowMs: () => systemClock.monotonicMs() });
  } catch (error) {
    throw signal.aborted && !(error instanceof Interrupted) ? new Interrupted() : error;
  } finally {
    progress.clear();
  }
}
