import type { Rng } from '../base/rng.ts';
import type { Reward } from '../objective/reward.ts';
import type { Decision } from '../space/decision.ts';
import type { Genotype } from '../space/genotype.ts';

/** What a strategy learns of a trial. */
export interface Outcome {
  readonly genotype: Genotype;
  readonly latencyMs: number;
  /** `undefined` where the trial failed. */
  readonly accuracy: number | undefined;
  /** `undefined` where the trial failed. */
  readonly reward: number | undefined;
}

/** Numbers a strategy wants looked at after an update, by name: `entropy`, `approx_kl`, … */
export type Diagnostics = Readonly<Record<string, number>>;

/**
 * Proposes networks and learns from what came of them.
 * Guarantees: a pure function of its options and of the calls so far, so that replaying the calls of a stored
 * run restores it; proposes only admissible genotypes of the space, none twice; sees no store, device or trainer.
 */
export interface Strategy {
  /** Up to `count` proposals; fewer only where the space seems exhausted. */
  ask(count: number): readonly Genotype[];
  /**
   * Outcomes of proposals, each once: a whole batch, or one at a time while others are still trained. Diagnostics
   * are of the update this led to; empty where it led to none.
   */
  tell(outcomes: readonly Outcome[]): Diagnostics;
}

/** What is known of a network without training it. */
export interface KnownCosts {
  readonly latencyMs: number;
  readonly params: number;
  readonly macs: number;
}

export interface StrategyOptions {
  readonly decisions: readonly Decision[];
  readonly rng: Rng;
  /**
   * Whether a network is worth training, by what is known without: its latency. Free, so it may be asked of
   * thousands.
   */
  readonly admits: (genotype: Genotype) => boolean;
  /** From the table and the cost model. As free as `admits`. */
  readonly costs: (genotype: Genotype) => KnownCosts;
  /** What a network of an accuracy and a latency is worth in this search. Never falls where the accuracy rises. */
  readonly reward: Reward;
  /** Networks worth trying first, such as the space's pinned references. */
  readonly seeds: readonly Genotype[];
  /**
   * Equal for networks that compute the same, such as an architecture's digest. Not free: asked only of networks
   * about to be proposed.
   */
  readonly identity?: (genotype: Genotype) => string;
}
