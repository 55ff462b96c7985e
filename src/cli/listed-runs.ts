import { type RunListing, runListing } from '../report/run-listing.ts';
import type { RunSummary, Store } from '../store/store.ts';
import { outlineOf } from './run-outline.ts';

/** The runs as `nas runs` has them, newest first. */
export function listedRuns(store: Store): readonly RunListing[] {
  return store.runs().map((run) => listedRun(store, run));
}

/** One of them. */
export function listedRun(store: Store, run: RunSummary): RunListing {
  const outline = outlineOf(run.config);
  return runListing(
    run,
    outline,
    outline.targetsMs.map((targetMs) => store.bestUnder(run.id, targetMs)),
  );
}
