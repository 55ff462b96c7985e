import { messageOf, NasError } from '../base/errors.ts';
import type { RungResult, Trial } from '../objective/trial.ts';
import type { Failure, StoredRung } from '../store/store.ts';
import type { TrainResult } from '../trainers/trainer.ts';
import type { Candidate, SearchParts, SearchPlan } from './search.ts';

/** Trainings of one candidate, over all its rungs, before it counts as failed. */
const MOST_ATTEMPTS = 2;

/** A candidate on its way: what it has been through, and what comes next. */
export interface Job {
  readonly number: number;
  readonly goal: number;
  readonly candidate: Candidate;
  /** The rung to train next. */
  rung: number;
  /** Trainings that failed. */
  failures: Failure[];
  /** Results of the rungs before, in order. */
  readonly results: StoredRung[];
  /** Wall time of its first training in this session. */
  startedAt: string | undefined;
}

/** How a training went; `undefined` where the search was aborted meanwhile. */
export type TrainingEnd =
  | { readonly kind: 'result'; readonly job: Job; readonly result: TrainResult }
  | { readonly kind: 'failure'; readonly job: Job; readonly failure: Failure }
  | undefined;

/**
 * Trains a candidate at its next rung. A second attempt has another seed and begins with nothing: a training that
 * diverged would diverge again, and what it went on with may be what broke it.
 */
export async function trainJob(
  job: Job,
  plan: SearchPlan,
  { trainers, checkpoint }: SearchParts,
  signal: AbortSignal,
): Promise<TrainingEnd> {
  const { number, candidate, rung } = job;
  const { training } = rungOf(job);
  const attempt = job.failures.length + 1;
  const beginning = beginningOf(job);
  const inherits = attempt === 1 && candidate.rungs[beginning]?.continues === 'weights';
  // Those that the training began with, in whose middle the rung may be.
  const weights = inherits ? job.results[beginning - 1]?.weights : undefined;
  const saveWeights = candidate.rungs[rung + 1]?.continues === 'weights';
  const trainer = trainers[rung] ?? trainers[0];
  try {
    const result = await trainer.train(
      {
        ...training,
        seed: `${plan.seed}/trial ${number}${attempt === 1 ? '' : `/attempt ${attempt}`}`,
        ...(weights === undefined ? {} : { initialWeights: weights }),
        ...(checkpoint === undefined ? {} : { checkpoint: checkpoint(number, attempt, beginning) }),
        ...(saveWeights ? { saveWeights } : {}),
        ...(plan.timeoutMs === undefined ? {} : { timeoutMs: plan.timeoutMs }),
      },
      signal,
    );
    return { kind: 'result', job, result };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof NasError)) throw error;
    return { kind: 'failure', job, failure: { trial: number, attempt, error: messageOf(error) } };
  }
}

export function rungOf({ candidate, rung, number }: Job): Candidate['rungs'][number] {
  const found = candidate.rungs[rung];
  if (found === undefined) throw new RangeError(`trial ${number} has no rung ${rung}`);
  return found;
}

/** The rung at which the training of a job's rung began. */
function beginningOf({ candidate, rung }: Job): number {
  let first = rung;
  while (candidate.rungs[first]?.continues === 'training') first--;
  return first;
}

export function isFullTraining({ candidate, rung }: Job): boolean {
  return rung === candidate.rungs.length - 1;
}

/** Whether it has failed so often that it is not tried again. */
export function hasFailed({ failures }: Job): boolean {
  return failures.length >= MOST_ATTEMPTS;
}

/** What a rung before the full training came to, as it is stored. */
export function rungResult({ number, rung }: Job, result: TrainResult): StoredRung {
  const { accuracy, epochs, cpuSeconds, weights } = result;
  return {
    trial: number,
    rung,
    accuracy,
    epochs,
    cpuSeconds,
    ...(weights === undefined ? {} : { weights }),
  };
}

export function completedTrial(job: Job, result: TrainResult): Trial {
  const { params, macs } = job.candidate;
  const { accuracy, epochs, cpuSeconds, note } = result;
  return {
    ...baseOf(job),
    state: 'completed',
    accuracy,
    params,
    macs,
    epochs,
    cpuSeconds,
    ...pastOf(job),
    ...(note === undefined ? {} : { note }),
  };
}

export function stoppedTrial(job: Job, reason: string): Trial {
  const { params, macs } = job.candidate;
  return { ...baseOf(job), state: 'stopped', params, macs, rungs: [], ...pastOf(job), reason };
}

export function failedTrial(job: Job): Trial {
  return { ...baseOf(job), state: 'failed', error: job.failures.at(-1)?.error ?? '', ...pastOf(job) };
}

export function infeasibleTrial(job: Job, reason: string): Trial {
  return { ...baseOf(job), state: 'infeasible', reason };
}

function baseOf({ number, goal, candidate }: Job) {
  const { genotype, architecture, latencyMs, latenciesMs } = candidate;
  return {
    number,
    genotype,
    architecture,
    latencyMs,
    ...(latenciesMs === undefined ? {} : { latenciesMs }),
    ...(goal === 0 ? {} : { goal }),
  };
}

/** Attempts, where there was more than the one that succeeded, and rungs, where there were any. */
function pastOf(job: Job): { readonly attempts?: number; readonly rungs?: readonly RungResult[] } {
  const attempts = Math.min(job.failures.length + 1, MOST_ATTEMPTS);
  const rungs = job.results.map(({ trial: _, weights: __, ...result }) => result);
  return {
    ...(job.failures.length === 0 ? {} : { attempts }),
    ...(rungs.length === 0 ? {} : { rungs }),
  };
}
