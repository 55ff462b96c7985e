import type { SearchEvent } from '../flows/search.ts';

export interface TimeLeftOptions {
  /** That the run is to have; no end where left out. */
  readonly trials: number | undefined;
  /** Trainings at once. */
  readonly parallelism: number;
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** How long a search may still take, by the trainings of this session. */
export interface TimeLeft {
  on(event: SearchEvent): void;
  /** Trainings under way. */
  running(): number;
  /** `undefined` before there is anything to go by. */
  seconds(): number | undefined;
}

/**
 * The work ahead is that of the trials that have not ended, each taken for the mean of those that have: networks differ
 * in size, and some are stopped early. It goes on at the speed of the trainings so far, at as many at once as there
 * were on average, so that the waits of a batch for its last network count.
 */
export function createTimeLeft({ trials, parallelism, nowMs }: TimeLeftOptions): TimeLeft {
  const startMs = nowMs();
  const running = new Map<number, { readonly startMs: number; readonly work: number }>();
  /** Of this session, by trial that has not ended. */
  const workOf = new Map<number, number>();
  let ended = 0;
  let endedWork = 0;
  let endedHere = 0;
  let trainedWork = 0;
  let trainedMs = 0;

  /** A training is over, whatever came of it. */
  const leave = (number: number, counts: boolean): void => {
    const training = running.get(number);
    running.delete(number);
    if (training === undefined || !counts) return;
    trainedWork += training.work;
    trainedMs += nowMs() - training.startMs;
    workOf.set(number, (workOf.get(number) ?? 0) + training.work);
  };

  return {
    on(event) {
      switch (event.kind) {
        case 'started':
          running.set(event.number, { startMs: nowMs(), work: event.work });
          break;
        case 'rung':
          leave(event.number, true);
          break;
        case 'attempt failed':
          leave(event.failure.trial, false);
          break;
        case 'finished': {
          leave(event.trial.number, event.trial.state === 'completed');
          ended++;
          const work = workOf.get(event.trial.number);
          workOf.delete(event.trial.number);
          if (work === undefined) break;
          endedWork += work;
          endedHere++;
        }
      }
    },
    running: () => running.size,
    seconds() {
      if (trials === undefined || endedHere === 0 || trainedWork === 0 || trainedMs === 0) return undefined;
      const speed = trainedWork / trainedMs;
      let runningMs = 0;
      let done = [...workOf.values()].reduce((sum, work) => sum + work, 0);
      for (const training of running.values()) {
        const elapsedMs = nowMs() - training.startMs;
        runningMs += elapsedMs;
        done += Math.min(training.work, speed * elapsedMs);
      }
      const atOnce = Math.min(parallelism, (trainedMs + runningMs) / (nowMs() - startMs));
      const ahead = Math.max(0, (trials - ended) * (endedWork / endedHere) - done);
      return ahead / (speed * atOnce) / 1000;
    },
  };
}
