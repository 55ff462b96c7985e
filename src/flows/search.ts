import type { Reward } from '../objective/reward.ts';
import type { CompletedTrial, RungResult, Trial } from '../objective/trial.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Failure, StoredRung, Tell, Update } from '../store/store.ts';
import type { Diagnostics } from '../strategies/strategy.ts';
import type { Trainer, TrainRequest } from '../trainers/trainer.ts';
import { createCourse } from './course.ts';
import type { StoppingRule } from './early-stopping.ts';
import { createProposer, type Goal } from './goals.ts';
import { searchAsynchronously } from './search-asynchronously.ts';
import { searchInBatches } from './search-batches.ts';

/** One of the trainings that a candidate goes through. */
export interface CandidateRung {
  /** What to train, but for what the search adds: seed, state to go on from, time-out. */
  readonly training: Omit<TrainRequest, 'seed' | 'checkpoint' | 'initialWeights' | 'timeoutMs'>;
  /** Length of the training, such as multiply-accumulates: the longest start first, so that no worker waits. */
  readonly work: number;
  /** What it goes on with of the rung before. */
  readonly continues: 'training' | 'weights' | 'nothing';
}

/** What is known of a network before it is trained. */
export interface Candidate {
  readonly genotype: Genotype;
  /** Digest of the network, equal for genotypes that spell the same one. */
  readonly architecture: string;
  /** Of the network as deployed on the first device, estimated from its table. */
  readonly latencyMs: number;
  /** On each device, where there are several. */
  readonly latenciesMs?: readonly number[];
  /** Of the network as deployed. */
  readonly params: number;
  readonly macs: number;
  /** Why it is not worth training, where a strategy proposed it all the same. */
  readonly infeasible?: string;
  /** From the cheapest to the full training. */
  readonly rungs: readonly CandidateRung[];
}

/** Where a run is kept. What a method stored is durable when it returns. */
export interface SearchLog {
  trials(): readonly Trial[];
  rungs(): readonly StoredRung[];
  failures(): readonly Failure[];
  tells(): readonly Tell[];
  updates(): readonly Update[];
  append(trial: Trial, startedAt: string): void;
  appendRung(rung: StoredRung): void;
  appendFailure(failure: Failure): void;
  appendTells(tells: readonly Tell[]): void;
  saveUpdate(update: Update): void;
}

export interface SearchParts {
  readonly goals: readonly [Goal, ...Goal[]];
  /** Shared by what the goals admit: see `createProposer`. */
  readonly claimed?: Set<string>;
  readonly candidate: (genotype: Genotype) => Candidate;
  /** Of each rung, the full training's last; its `parallelism` is how many trainings there are at once. */
  readonly trainers: readonly [Trainer, ...Trainer[]];
  readonly log: SearchLog;
  /** Where a training keeps its state, so that it goes on within it; `rung` is the one that it began at. */
  readonly checkpoint?: (trial: number, attempt: number, rung: number) => string;
  /** Wall time, for the record. */
  readonly timestamp: () => string;
  /** Whether the run has had its time: then nothing more is begun, and what is under way is finished. */
  readonly isTimeUp?: () => boolean;
}

export interface SearchPlan {
  /** The most to begin; no end where left out. */
  readonly trials?: number | undefined;
  /** Networks proposed at once, of which the strategy learns when all have ended. */
  readonly batch: number;
  /**
   * Instead of batches: so many networks under way at any time; the strategy learns of each as it ends and proposes
   * another at once. Part of the run, since it decides what is known when a network is proposed; how many of them
   * are trained at the same time is the trainer's affair.
   */
  readonly inFlight?: number | undefined;
  readonly stopEarly?: StoppingRule | undefined;
  /** Whether the strategy is after the whole front instead of one reward. */
  readonly multiObjective?: boolean | undefined;
  /** Longest time of one training. */
  readonly timeoutMs?: number | undefined;
  readonly seed: string;
}

export type SearchEvent =
  | {
      readonly kind: 'started';
      readonly number: number;
      readonly rung: number;
      readonly latencyMs: number;
      readonly work: number;
    }
  /** A training before the full one has ended. */
  | {
      readonly kind: 'rung';
      readonly number: number;
      readonly result: RungResult;
      readonly replayed: boolean;
    }
  /** A training failed; it is tried again where the trial does not finish. */
  | { readonly kind: 'attempt failed'; readonly failure: Failure }
  | { readonly kind: 'finished'; readonly trial: Trial; readonly replayed: boolean }
  | { readonly kind: 'updated'; readonly diagnostics: Diagnostics };

/**
 * The search loop: ask, train, store, tell. A run is a pure function of its plan, its parts, the trainings and the
 * order in which they ended, all of which the log holds: so a stored run is continued by going through the same loop,
 * where what the log holds is not trained again. What is told is stored before anyone learns from it.
 *
 * In batches the strategy is told of a batch in the order in which it asked, whatever finished first, so the order is
 * the same in every repetition. Asynchronously it is told of each trial as it ends, in an order that depends on the
 * machine; asks stand between the tells as they did when the log is replayed.
 *
 * An abort ends the loop after what has finished is stored; trainings in progress are dropped, and go on from their
 * checkpoints when the run is resumed.
 */
export async function* search(
  plan: SearchPlan,
  parts: SearchParts,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent> {
  const course = createCourse(plan, parts, createProposer(parts.goals, parts.claimed));
  const { inFlight } = plan;
  if (inFlight === undefined) yield* searchInBatches(plan, parts, course, signal);
  else yield* searchAsynchronously({ ...plan, inFlight }, parts, course, signal);
}

/** Of a completed trial; a trial that did not complete has none. */
export function rewardOf(trial: Trial, reward: Reward): number | undefined {
  return trial.state === 'completed' ? reward(trial.accuracy, trial.latencyMs) : undefined;
}

/** The completed trials of a list. */
export function completedTrials(trials: readonly Trial[]): readonly CompletedTrial[] {
  return trials.filter((trial) => trial.state === 'completed');
}
