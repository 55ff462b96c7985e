import { setTimeout as pause } from 'node:timers/promises';
import { formatDuration, formatMs, formatPercent } from '../base/units.ts';
import type { ParetoPoint } from '../objective/pareto.ts';
import { frontPlot } from '../report/front-plot.ts';
import { bar, type Progress } from '../report/progress.ts';
import type { RunListing } from '../report/run-listing.ts';
import { trialTable } from '../report/trial-table.ts';
import type { TrialFigures } from '../store/store.ts';
import { watchChanges } from '../store/watch-changes.ts';
import { DATABASE } from './folders.ts';
import { listedRun } from './listed-runs.ts';
import { readRuns } from './read-runs.ts';

/** Between two looks at the database. */
const POLL_MS = 500;
/** A process that was killed writes nothing more; so its run is looked at now and then all the same. */
const POLLS_WITHOUT_CHANGE = 10;

/**
 * Follows a run that another process works on until it is over: on a terminal its front drawn anew, where the output is
 * piped a line for each change.
 */
export async function watchRun(
  id: string,
  device: number,
  { line, live, clear }: Progress,
  signal: AbortSignal,
): Promise<void> {
  const watch = watchChanges(DATABASE);
  let told = '';
  let last = '';
  try {
    for (let quiet = 0; ; quiet++) {
      const version = watch.version();
      if (version !== told || quiet % POLLS_WITHOUT_CHANGE === 0) {
        if (version !== told) quiet = 0;
        told = version;
        const { listing, points, front } = readRuns((store) => ({
          listing: listedRun(store, store.run(id)),
          points: store.points(id, device),
          front: store.front(id, device),
        }));
        const status = statusLine(listing, front.length);
        if (status !== last) {
          if (process.stdout.isTTY) live(`${drawn(listing, points, front)}\n${status}`);
          else line(status);
        }
        last = status;
        if (listing.state !== 'running') return;
      }
      await pause(POLL_MS, undefined, { signal });
    }
  } finally {
    clear();
    watch.close();
  }
}

function drawn(
  { targetsMs, trials, budget }: RunListing,
  points: readonly ParetoPoint[],
  front: readonly TrialFigures[],
): string {
  if (points.length === 0) return 'no completed trial yet';
  return [
    frontPlot(points, targetsMs, { width: 66, height: 12 }, front),
    '',
    trialTable(front.slice(-8)),
    ...(budget === null ? [] : ['', `${bar(trials / budget)} ${trials}/${budget}`]),
  ].join('\n');
}

function statusLine(listing: RunListing, onFront: number): string {
  const { run, state, trials, budget, best, secondsLeft, targetMs } = listing;
  const found =
    best === null
      ? `none under ${targetMs === null ? 'a target' : formatMs(targetMs)} yet`
      : `best ${run}/${best.trial} ${formatPercent(best.accuracy)}, ` +
        (best.measuredMs === null
          ? `${formatMs(best.latencyMs)} estimated`
          : `${formatMs(best.measuredMs)} measured`);
  return [
    `${run} ${state}`,
    `${trials}${budget === null ? '' : `/${budget}`} trials`,
    `${onFront} on the front`,
    found,
    ...(secondsLeft === null ? [] : [`about ${formatDuration(secondsLeft)} left`]),
  ].join('  ');
}
