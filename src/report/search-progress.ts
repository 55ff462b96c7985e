import { formatDuration, formatMs, formatPercent } from '../base/units.ts';
import type { SearchEvent } from '../flows/search.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { CompletedTrial, Trial } from '../objective/trial.ts';
import { frontPlot, plotSizeIn } from './front-plot.ts';
import { bar, type Progress } from './progress.ts';
import { createTimeLeft } from './time-left.ts';

export interface SearchProgressOptions {
  readonly progress: Progress;
  /** That the run is to have; `undefined` where time ends it. */
  readonly trials: number | undefined;
  /** Until the run's time is up, where it has a limit. */
  readonly secondsLeft: (() => number) | undefined;
  readonly targetsMs: readonly number[];
  /** Trainings at once. */
  readonly parallelism: number;
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** Below the plot: the bar with its figures in up to three lines, and the line of the cursor. */
const LINES_BELOW = 4;

/** No sooner is it drawn again: a thousand workers end trainings faster than anybody can read. */
const REDRAW_MS = 100;

/** Shows a search as it goes: a line a trial, and at the bottom of a terminal the bar, the time left and the front. */
export function createSearchProgress(options: SearchProgressOptions): {
  on(event: SearchEvent): void;
  /** Draws the time anew; for a timer. */
  redraw(): void;
} {
  const { progress, trials, secondsLeft, targetsMs, parallelism, nowMs } = options;
  const startMs = nowMs();
  const timeLeft = createTimeLeft({ trials, parallelism, nowMs });
  let finished = 0;
  const completed: CompletedTrial[] = [];
  let front: readonly CompletedTrial[] = [];
  let drawnMs = Number.NEGATIVE_INFINITY;
  const budget = trials === undefined ? '' : `/${trials}`;

  const left = (): string => {
    const byTrials = timeLeft.seconds();
    const byTime = secondsLeft?.();
    if (byTrials === undefined && byTime === undefined) return 'first trainings under way';
    const seconds = Math.max(
      0,
      Math.min(byTrials ?? Number.POSITIVE_INFINITY, byTime ?? Number.POSITIVE_INFINITY),
    );
    return `about ${formatDuration(seconds)} left`;
  };
  const redraw = (): void => {
    const elapsed = formatDuration((nowMs() - startMs) / 1000);
    const counts = `${finished}${budget} trials, ${timeLeft.running()} training`;
    const { columns, rows } = progress.room();
    const size = plotSizeIn({ columns, rows: rows - LINES_BELOW }, { width: 56, height: 10 });
    const plot = frontPlot(completed, targetsMs, size);
    const part = trials === undefined ? '' : `${bar(finished / trials)} `;
    drawnMs = nowMs();
    progress.live(`${plot}\n${part}${counts}, ${elapsed} gone, ${left()}`);
  };

  return {
    redraw,
    on(event) {
      timeLeft.on(event);
      if (event.kind === 'attempt failed') {
        const { trial, attempt, error } = event.failure;
        progress.line(`         trial ${String(trial).padStart(3)}  attempt ${attempt} failed: ${error}`);
      }
      if (event.kind === 'finished') {
        const { trial } = event;
        finished++;
        if (trial.state === 'completed') {
          completed.push(trial);
          front = paretoFront([...front, trial]);
        }
        if (!event.replayed) {
          const onFront = front.some(({ number }) => number === trial.number);
          progress.line(trialLine(trial, `${finished}${budget}`, onFront, left()));
        }
      }
      if (nowMs() - drawnMs >= REDRAW_MS) redraw();
    },
  };
}

function trialLine(trial: Trial, count: string, onFront: boolean, left: string): string {
  const label = `${count.padStart(7)}  trial ${String(trial.number).padStart(3)}  ${formatMs(trial.latencyMs).padStart(8)}`;
  switch (trial.state) {
    case 'completed': {
      const note = trial.note === undefined ? '' : `  (${trial.note})`;
      return `${label}  ${formatPercent(trial.accuracy)}  ${onFront ? 'on the front  ' : '              '}${left}${note}`;
    }
    case 'stopped':
      return `${label}  stopped at rung ${trial.rungs.length}: ${trial.reason}`;
    case 'infeasible':
      return `${label}  not trained: ${trial.reason}`;
    case 'failed':
      return `${label}  failed: ${trial.error}`;
  }
}
