import { thisProcess } from '../store/owner.ts';
import type { Store } from '../store/store.ts';
import { Interrupted } from './exit.ts';

/**
 * Works on a run as the one process that does: the run says so from the first line to the last, then that it is
 * finished, or where that failed that it was interrupted.
 */
export async function holdRun<Result>(
  store: Store,
  run: string,
  { takeOver, signal }: { readonly takeOver: boolean; readonly signal: AbortSignal },
  work: () => Promise<Result>,
): Promise<Result> {
  store.claim(run, thisProcess(), takeOver);
  try {
    const result = await work();
    store.setState(run, 'finished');
    return result;
  } catch (error) {
    store.setState(run, 'interrupted');
    if (!signal.aborted || error instanceof Interrupted) throw error;
    throw new Interrupted(`stopped; go on with: nas search --resume ${run}`);
  } finally {
    store.release(run);
  }
}
