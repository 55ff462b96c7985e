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
  rungOf,
  rungResult,
  stoppedTrial,
} from './training-job.ts';
import { createTrainingPlaces } from './training-places.ts';

/** Batch after batch; all of a batch come to a rung before it is decided who of them goes on. */
export async function* searchInBatches(
  plan: SearchPlan,
  parts: SearchParts,
  course: Course,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent> {
  const { trials: most = Number.POSITIVE_INFINITY } = plan;
  for (let number = 0; number < most && !signal.aborted; ) {
    if (parts.isTimeUp?.() && !course.holdsFrom(number)) return;
    const proposals = course.ask(Math.min(plan.batch, most - number));
    if (proposals.length === 0) return;
    const first = number;
    const jobs = proposals.map((proposal, place) => course.enter(first + place, proposal));
    const ended = new Map<number, Trial>();
    for await (const event of climb(jobs, plan, parts, course, signal)) {
      if (event.kind === 'finished') ended.set(event.trial.number, event.trial);
      yield event;
    }
    const trials = jobs.flatMap((job) => ended.get(job.number) ?? []);
    // Broken off: what has ended is stored, and told once the rest of the batch has.
    if (trials.length < jobs.length) return;
    course.learn(trials.map(({ number: trial }) => ({ trial })));
    yield course.tell(trials);
    number += jobs.length;
  }
}

/** Takes the jobs of one batch from rung to rung until each has ended, or until the search is broken off. */
async function* climb(
  jobs: readonly Job[],
  plan: SearchPlan,
  parts: SearchParts,
  course: Course,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent> {
  const end = (job: Job, trial: Trial): SearchEvent => {
    parts.log.append(trial, job.startedAt ?? parts.timestamp());
    return { kind: 'finished', trial, replayed: false };
  };
  let level: Job[] = [];
  for (const job of jobs) {
    const { infeasible } = job.candidate;
    if (infeasible === undefined || course.storedTrial(job.number) !== undefined) level.push(job);
    else yield end(job, infeasibleTrial(job, infeasible));
  }
  while (level.length > 0) {
    const results = new Map<Job, StoredRung>();
    const waiting: Job[] = [];
    for (const job of level) {
      const rung = course.storedRung(job.number, job.rung);
      const trial = course.storedTrial(job.number);
      if (rung !== undefined) {
        results.set(job, rung);
        yield { kind: 'rung', number: job.number, result: rung, replayed: true };
      } else if (trial !== undefined) yield { kind: 'finished', trial, replayed: true };
      else if (hasFailed(job)) yield end(job, failedTrial(job));
      else waiting.push(job);
    }
    waiting.sort((a, b) => rungOf(b).work - rungOf(a).work || a.number - b.number);
    const places = createTrainingPlaces(plan, parts, signal);
    while (waiting.length > 0 || places.taken() > 0) {
      while (places.hasFree()) {
        const job = waiting.shift();
        if (job === undefined) break;
        yield places.start(job);
      }
      if (places.taken() === 0) return;
      const ended = await places.next();
      if (ended === undefined) return;
      const { job } = ended;
      if (ended.kind === 'failure') {
        yield { kind: 'attempt failed', failure: ended.failure };
        if (hasFailed(job)) yield end(job, failedTrial(job));
        else waiting.push(job);
      } else if (isFullTraining(job)) yield end(job, completedTrial(job, ended.result));
      else {
        const result = rungResult(job, ended.result);
        parts.log.appendRung(result);
        results.set(job, result);
        yield { kind: 'rung', number: job.number, result, replayed: false };
      }
    }
    const together = [...results].sort(([a], [b]) => a.number - b.number);
    for (const [job, result] of together) course.addRung(job, result);
    level = [];
    for (const [job, result] of together) {
      job.results.push(result);
      const reason = course.storedTrial(job.number) === undefined ? course.judge(job, result) : undefined;
      if (reason === undefined) {
        job.rung++;
        level.push(job);
      } else yield end(job, stoppedTrial(job, reason));
    }
  }
}
