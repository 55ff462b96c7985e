import { type RunListing, runListing } from '../report/run-listing.ts';
import type { RunSummary, Store, StoredRun } from '../store/store.ts';
import { devicesOf } from './run-devices.ts';
import { outlineOf } from './run-outline.ts';

/** The runs as `nas runs` has them, newest first. */
export function listedRuns(store: Store): readonly RunListing[] {
  return store.runs().map((run) => listed(store, run));
}

/** One of them, without reading of the others. */
export function listedRun(store: Store, run: StoredRun): RunListing {
  return listed(store, {
    ...run,
    space: (run.space as { readonly name: string }).name,
    devices: devicesOf(run),
    ...store.trialCounts(run.id),
  });
}

function listed(store: Store, run: RunSummary): RunListing {
  const outline = outlineOf(run.config);
  return runListing(
    run,
    outline,
    outline.targetsMs.map((targetMs) => store.bestUnder(run.id, targetMs)),
  );
}
