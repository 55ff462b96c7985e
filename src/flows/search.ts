import { messageOf, NasError } from '../base/errors.ts';
import type { Reward } from '../objective/reward.ts';
import type { CompletedTrial, Trial } from '../objective/trial.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Diagnostics, Strategy } from '../strategies/strategy.ts';
import type { Trainer, TrainRequest } from '../trainers/trainer.ts';

/** What is known of a network before it is trained. */
export interface Candidate {
  readonly genotype: Genotype;
  /** Of the network as deployed, estimated from the table. */
  readonly latencyMs: number;
  /** Of the network as deployed. */
  readonly params: number;
  readonly macs: number;
  /** What to train, but for the seed. */
  readonly training: Omit<TrainRequest, 'seed'>;
  /** Relative length of the training: the longest start first, so that no worker is left waiting. */
  readonly trainingMacs: number;
}

/** Where the trials of a run are kept. */
export interface TrialLog {
  /** Every trial stored so far. */
  trials(): readonly Trial[];
  /** Durable when it returns. */
  append(trial: Trial): void;
}

export interface SearchParts {
  readonly strategy: Strategy;
  readonly reward: Reward;
  readonly candidate: (genotype: Genotype) => Candidate;
  readonly trainer: Trainer;
  readonly log: TrialLog;
}

export interface SearchPlan {
  readonly trials: number;
  /** Networks proposed at once; the strategy learns after each batch. */
  readonly batch: number;
  readonly seed: string;
}

export type SearchEvent =
  | { readonly kind: 'started'; readonly number: number; readonly latencyMs: number }
  | {
      readonly kind: 'finished';
      readonly trial: Trial;
      readonly reward: number | undefined;
      readonly replayed: boolean;
    }
  | { readonly kind: 'updated'; readonly diagnostics: Diagnostics };

/**
 * The search loop: ask, train, store, tell. A run is a pure function of its plan, its parts and the trainings, so a
 * stored run is continued by going through the same loop, where trials that the log holds are not trained again.
 * The strategy is told of a batch in the order in which it asked, whatever finished first.
 * An abort ends the loop after what has finished is stored; trainings in progress are dropped.
 */
export async function* search(
  plan: SearchPlan,
  parts: SearchParts,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent> {
  const { strategy, reward, log } = parts;
  const stored = new Map(log.trials().map((trial) => [trial.number, trial]));
  for (let number = 0; number < plan.trials && !signal.aborted; ) {
    const asked = strategy.ask(Math.min(plan.batch, plan.trials - number));
    if (asked.length === 0) return;
    const finished = new Map<number, Trial>();
    for await (const event of evaluate(asked, number, stored, plan, parts, signal)) {
      if (event.kind === 'finished') finished.set(event.trial.number, event.trial);
      yield event;
    }
    if (finished.size < asked.length) return;
    const outcomes = asked.map((genotype, i) => {
      const trial = finished.get(number + i);
      if (trial === undefined) throw new RangeError(`no trial ${number + i}`);
      const accuracy = trial.state === 'completed' ? trial.accuracy : undefined;
      return { genotype, latencyMs: trial.latencyMs, accuracy, reward: rewardOf(trial, reward) };
    });
    yield { kind: 'updated', diagnostics: strategy.tell(outcomes) };
    number += asked.length;
  }
}

/** Of a completed trial; a trial that did not complete has none. */
export function rewardOf(trial: Trial, reward: Reward): number | undefined {
  return trial.state === 'completed' ? reward(trial.accuracy, trial.latencyMs) : undefined;
}

/** The trials of one batch: those of the log first, then the others as they finish. */
async function* evaluate(
  asked: readonly Genotype[],
  firstNumber: number,
  stored: ReadonlyMap<number, Trial>,
  plan: SearchPlan,
  parts: SearchParts,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent> {
  const waiting: { readonly number: number; readonly candidate: Candidate }[] = [];
  for (const [i, genotype] of asked.entries()) {
    const number = firstNumber + i;
    const trial = stored.get(number);
    if (trial === undefined) {
      waiting.push({ number, candidate: parts.candidate(genotype) });
      continue;
    }
    if (trial.genotype.join() !== genotype.join()) {
      throw new NasError(`trial ${number}`, {
        found: `the stored network [${trial.genotype}] is not the one proposed now [${genotype}]`,
        expected: 'a run continued with the version that began it',
        next: 'start a new run, or resume with the version of nas that `nas show RUN` names',
      });
    }
    yield { kind: 'finished', trial, reward: rewardOf(trial, parts.reward), replayed: true };
  }
  waiting.sort((a, b) => b.candidate.trainingMacs - a.candidate.trainingMacs || a.number - b.number);

  const running = new Map<number, Promise<Trial | undefined>>();
  while (waiting.length > 0 || running.size > 0) {
    while (running.size < parts.trainer.parallelism && !signal.aborted) {
      const next = waiting.shift();
      if (next === undefined) break;
      const { number, candidate } = next;
      running.set(number, train(number, candidate, plan, parts, signal));
      yield { kind: 'started', number, latencyMs: candidate.latencyMs };
    }
    if (running.size === 0) return;
    const trial = await Promise.race(running.values());
    if (trial === undefined) {
      await Promise.allSettled(running.values());
      return;
    }
    running.delete(trial.number);
    yield { kind: 'finished', trial, reward: rewardOf(trial, parts.reward), replayed: false };
  }
}

/** Trains and stores one candidate; `undefined` where the search was aborted meanwhile. */
async function train(
  number: number,
  { genotype, latencyMs, params, macs, training }: Candidate,
  plan: SearchPlan,
  { trainer, log }: SearchParts,
  signal: AbortSignal,
): Promise<Trial | undefined> {
  let trial: Trial;
  try {
    const { accuracy, epochs, cpuSeconds } = await trainer.train(
      { ...training, seed: `${plan.seed}/trial ${number}` },
      signal,
    );
    trial = { state: 'completed', number, genotype, accuracy, latencyMs, params, macs, epochs, cpuSeconds };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof NasError)) throw error;
    trial = { state: 'failed', number, genotype, latencyMs, error: messageOf(error) };
  }
  log.append(trial);
  return trial;
}

/** The completed trials of a list. */
export function completedTrials(trials: readonly Trial[]): readonly CompletedTrial[] {
  return trials.filter((trial) => trial.state === 'completed');
}
