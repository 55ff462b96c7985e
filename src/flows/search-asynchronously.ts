import type { Trial } from '../objective/trial.ts';
import type { StoredRung } from '../store/store.ts';
import type { Course } from './course.ts';
import type { SearchEvent, SearchParts, SearchPlan } from './search.ts';
import {
  completedTrial,
  failedTrial,
  hasFailed,
  infeasibleTrial,
  isFullTraining,
  type Job,
  rungResult,
  stoppedTrial,
} from './training-job.ts';
import { createTrainingPlaces } from './training-places.ts';

/**
 * No barrier: as soon as a trial has ended the strategy is told of it and proposes the next. All that happens is
 * decided by the order in which results come in; the log's come first, in their order.
 */
export async function* searchAsynchronously(
  plan: SearchPlan & { readonly inFlight: number },
  parts: SearchParts,
  course: Course,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent> {
  const { trials: most = Number.POSITIVE_INFINITY, inFlight } = plan;
  /** On their way, in the order in which they are trained. */
  const queue: Job[] = [];
  let asked = 0;

  const leave = (job: Job): void => {
    queue.splice(queue.indexOf(job), 1);
  };
  /** The end of a trial: stored, told and out of the way. */
  function* end(job: Job, trial: Trial): Generator<SearchEvent> {
    const stored = course.storedTrial(job.number);
    if (stored === undefined) parts.log.append(trial, job.startedAt ?? parts.timestamp());
    leave(job);
    const known = stored ?? trial;
    yield { kind: 'finished', trial: known, replayed: stored !== undefined };
    course.learn([{ trial: job.number }]);
    yield course.tell([known]);
  }
  /** A job has come to a rung: it goes on at once, before those that have not begun, or ends there. */
  function* reach(job: Job, rung: StoredRung, replayed: boolean): Generator<SearchEvent> {
    if (!replayed) parts.log.appendRung(rung);
    yield { kind: 'rung', number: job.number, result: rung, replayed };
    course.learn([{ trial: job.number, rung: rung.rung }]);
    course.addRung(job, rung);
    job.results.push(rung);
    const reason = course.judge(job, rung);
    if (reason !== undefined) return yield* end(job, stoppedTrial(job, reason));
    job.rung++;
    leave(job);
    queue.unshift(job);
  }
  function* fill(): Generator<SearchEvent> {
    while (queue.length < inFlight && asked < most) {
      const proposals = course.ask(Math.min(inFlight - queue.length, most - asked));
      if (proposals.length === 0) return;
      for (const proposal of proposals) {
        const job = course.enter(asked++, proposal);
        queue.push(job);
        const { infeasible } = job.candidate;
        if (infeasible !== undefined) yield* end(job, infeasibleTrial(job, infeasible));
      }
    }
  }
  /** What the log holds of a job's next training, or all that is to be said of one that failed too often. */
  const storedStep = (job: Job): StoredRung | Trial | undefined =>
    course.storedRung(job.number, job.rung) ??
    course.storedTrial(job.number) ??
    (hasFailed(job) ? failedTrial(job) : undefined);
  function* replay(job: Job, step: StoredRung | Trial): Generator<SearchEvent> {
    if ('state' in step) yield* end(job, step);
    else yield* reach(job, step, true);
  }

  yield* fill();
  // As it was: what the log was told of, in its order.
  for (let tell = course.nextStoredTell(); tell !== undefined; tell = course.nextStoredTell()) {
    const job = queue.find(({ number }) => number === tell?.trial);
    const step = job && storedStep(job);
    if (job === undefined || step === undefined) {
      throw new RangeError(`the log was told of trial ${tell.trial}, which is not under way`);
    }
    yield* replay(job, step);
    yield* fill();
  }
  const places = createTrainingPlaces(plan, parts, signal);
  while (true) {
    // Stored, but not told: the process ended in between.
    const untold = queue.find((job) => !places.has(job) && storedStep(job) !== undefined);
    const step = untold && storedStep(untold);
    if (untold !== undefined && step !== undefined) {
      yield* replay(untold, step);
      if (!parts.isTimeUp?.()) yield* fill();
      continue;
    }
    for (const job of [...queue]) {
      if (places.hasFree() && !places.has(job)) yield places.start(job);
    }
    if (places.taken() === 0) return;
    const ended = await places.next();
    if (ended === undefined) return;
    const { job } = ended;
    if (ended.kind === 'failure') {
      yield { kind: 'attempt failed', failure: ended.failure };
      if (!hasFailed(job)) continue;
      yield* end(job, failedTrial(job));
    } else if (isFullTraining(job)) yield* end(job, completedTrial(job, ended.result));
    else yield* reach(job, rungResult(job, ended.result), false);
    if (!signal.aborted && !parts.isTimeUp?.()) yield* fill();
  }
}
