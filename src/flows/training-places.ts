import type { Failure } from '../store/store.ts';
import type { TrainResult } from '../trainers/trainer.ts';
import type { SearchEvent, SearchParts, SearchPlan } from './search.ts';
import { type Job, rungOf, type TrainingEnd, trainJob } from './training-job.ts';

type PlaceEnd =
  | { readonly kind: 'result'; readonly job: Job; readonly result: TrainResult }
  /** Stored, and counted in the job. */
  | { readonly kind: 'failure'; readonly job: Job; readonly failure: Failure };

/** The trainings under way: as many at once as the trainer takes. */
export interface TrainingPlaces {
  taken(): number;
  /** Whether another may begin: not after an abort, nor once the time is up. */
  hasFree(): boolean;
  has(job: Job): boolean;
  start(job: Job): SearchEvent;
  /** The one that ends first; `undefined` after an abort, when all have. */
  next(): Promise<PlaceEnd | undefined>;
}

export function createTrainingPlaces(
  plan: SearchPlan,
  parts: SearchParts,
  signal: AbortSignal,
): TrainingPlaces {
  const { trainers, log, isTimeUp } = parts;
  const trainer = trainers.at(-1) ?? trainers[0];
  const running = new Map<Job, Promise<TrainingEnd>>();
  /** In the order in which they ended; a race of all that run would be asked anew a thousand times by a thousand. */
  const ended: Promise<TrainingEnd>[] = [];
  let wake = (): void => {};
  return {
    taken: () => running.size,
    hasFree: () => running.size < trainer.parallelism && !signal.aborted && !isTimeUp?.(),
    has: (job) => running.has(job),
    start(job) {
      job.startedAt ??= parts.timestamp();
      const training = trainJob(job, plan, parts, signal);
      running.set(job, training);
      const end = (): void => {
        ended.push(training);
        wake();
      };
      training.then(end, end);
      const { number, rung, candidate } = job;
      return { kind: 'started', number, rung, latencyMs: candidate.latencyMs, work: rungOf(job).work };
    },
    async next() {
      while (ended.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const first = await ended.shift();
      if (first === undefined) {
        await Promise.allSettled(running.values());
        return undefined;
      }
      const { job } = first;
      running.delete(job);
      if (first.kind === 'result') return first;
      const { failure } = first;
      log.appendFailure(failure);
      job.failures.push(failure);
      return first;
    },
  };
}
