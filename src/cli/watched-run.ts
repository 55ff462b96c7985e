import { setTimeout as pause } from 'node:timers/promises';
import { formatDuration, formatMs, formatPercent } from '../base/units.ts';
import type { ParetoPoint } from '../objective/pareto.ts';
import { frontPlot, plotLines, plotSizeIn } from '../report/front-plot.ts';
import { bar, type Progress, type Room } from '../report/progress.ts';
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
  { line, live, room, clear }: Progress,
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
          if (process.stdout.isTTY) live(`${drawn(listing, points, front, room())}\n${status}`);
          else line(status);
        }
        last = status;
        if (listing.state !== 'running') return;
      }
      await pause(POLL_MS, undefined, { signal });
    }
  } finally {
    // Who stops following is left with how far it was.
    if (signal.aborted && process.stdout.isTTY) line(last);
    else clear();
    watch.close();
  }
}

/** Below the plot but for the networks: the table's head, the bar, the status in up to three lines, empty ones. */
const LINES_BELOW = 8;
/** Of the front, the most accurate. */
const LEAST_NETWORKS = 3;
const MOST_NETWORKS = 8;

function drawn(
  { targetsMs, trials, budget }: RunListing,
  points: readonly ParetoPoint[],
  front: readonly TrialFigures[],
  { columns, rows }: Room,
): string {
  if (points.length === 0) return 'no completed trial yet';
  const size = plotSizeIn({ columns, rows: rows - LINES_BELOW - LEAST_NETWORKS }, { width: 66, height: 12 });
  const networks = Math.max(rows - LINES_BELOW - plotLines(size, columns), LEAST_NETWORKS);
  return [
    frontPlot(points, targetsMs, size, front),
    '',
    trialTable(front.slice(-Math.min(networks, MOST_NETWORKS)), undefined, columns),
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
