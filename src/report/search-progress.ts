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

  /** From the trainings of this session; those under way count half. */
  const left = (): string => {
    const done = finished.length - replayed;
    if (done === 0) return 'first trainings under way';
    const seconds = secondsLeft((done + running / 2) / (trials - replayed), (nowMs() - startMs) / 1000);
    return `${formatDuration(seconds ?? 0)} left`;
  };
  const redraw = (): void => {
    const elapsed = formatDuration((nowMs() - startMs) / 1000);
    const counts = `${finished.length}/${trials} trials, ${running} training`;
    const front = frontPlot(completedTrials(finished), targetMs, { width: 56, height: 10 });
    progress.live(`${front}\n${bar(finished.length / trials)} ${counts}, ${elapsed} gone, ${left()}`);
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
          const onFront = paretoFront(completedTrials(finished)).some(
            ({ number }) => number === event.trial.number,
          );
          progress.line(trialLine(event.trial, `${finished.length}/${trials}`, onFront, left()));
        }
      }
      redraw();
    },
  };
}

function trialLine(trial: Trial, count: string, onFront: boolean, left: string): string {
  const label = `${count.padStart(7)}  trial ${String(trial.number).padStart(3)}  ${formatMs(trial.latencyMs).padStart(8)}`;
  switch (trial.state) {
    case 'completed':
      return `${label}  ${formatPercent(trial.accuracy)}  ${onFront ? 'on the front  ' : '              '}${left}`;
    case 'infeasible':
      return `${label}  not trained: ${trial.reason}`;
    case 'failed':
      return `${label}  failed: ${trial.error}`;
  }
}
