import { formatDuration, formatMs, formatPercent } from '../base/units.ts';
import { completedTrials, type SearchEvent } from '../flows/search.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { Trial } from '../objective/trial.ts';
import { frontPlot } from './front-plot.ts';
import { bar, type Progress, secondsLeft } from './progress.ts';

export interface SearchProgressOptions {
  readonly progress: Progress;
  readonly trials: number;
  readonly targetMs: number;
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** Shows a search as it goes: a line a trial, and at the bottom of a terminal the bar, the time left and the front. */
export function createSearchProgress({ progress, trials, targetMs, nowMs }: SearchProgressOptions): {
  on(event: SearchEvent): void;
  /** Draws the time anew; for a timer. */
  redraw(): void;
} {
  const startMs = nowMs();
  const finished: Trial[] = [];
  let replayed = 0;
  let running = 0;

  const redraw = (): void => {
    const elapsed = (nowMs() - startMs) / 1000;
    const left = secondsLeft((finished.length - replayed) / Math.max(trials - replayed, 1), elapsed);
    const time = left === undefined ? 'first trainings under way' : `${formatDuration(left)} left`;
    const counts = `${finished.length}/${trials} trials, ${running} training`;
    const front = frontPlot(completedTrials(finished), targetMs, { width: 56, height: 10 });
    progress.live(
      `${front}\n${bar(finished.length / trials)} ${counts}, ${formatDuration(elapsed)} gone, ${time}`,
    );
  };

  return {
    redraw,
    on(event) {
      if (event.kind === 'started') running++;
      if (event.kind === 'finished') {
        finished.push(event.trial);
        if (event.replayed) replayed++;
        else {
          running--;
          const left = secondsLeft(
            (finished.length - replayed) / Math.max(trials - replayed, 1),
            (nowMs() - startMs) / 1000,
          );
          const onFront = paretoFront(completedTrials(finished)).some(
            ({ number }) => number === event.trial.number,
          );
          progress.line(trialLine(event.trial, finished.length, trials, onFront, left));
        }
      }
      redraw();
    },
  };
}

function trialLine(
  trial: Trial,
  done: number,
  total: number,
  onFront: boolean,
  left: number | undefined,
): string {
  const label = `${String(done).padStart(String(total).length)}/${total}  trial ${String(trial.number).padStart(3)}`;
  const latency = formatMs(trial.latencyMs).padStart(8);
  const time = left === undefined ? '' : `  ${formatDuration(left)} left`;
  switch (trial.state) {
    case 'completed':
      return `${label}  ${latency}  ${formatPercent(trial.accuracy)}${onFront ? '  on the front' : '              '}${time}`;
    case 'infeasible':
      return `${label}  ${latency}  not trained: ${trial.reason}`;
    case 'failed':
      return `${label}  ${latency}  failed: ${trial.error}`;
  }
}
