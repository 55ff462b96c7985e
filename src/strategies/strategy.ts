import type { Rng } from '../base/rng.ts';
import type { Decision } from '../space/decision.ts';
import type { Genotype } from '../space/genotype.ts';

/** What a strategy learns of a trial. */
export interface Outcome {
  readonly genotype: Genotype;
  /** `undefined` where the trial failed. */
  readonly reward: number | undefined;
}

/** Numbers a strategy wants looked at after an update, by name: `entropy`, `approx_kl`, … */
export type Diagnostics = Readonly<Record<string, number>>;

/**
 * Proposes networks and learns from what came of them.
 * Guarantees: a pure function of its options and of the calls so far, so that replaying the tells of a stored
 * run restores it; proposes only admissible genotypes of the space, none twice; sees no store, device or trainer.
 */
export interface Strategy {
  /** Up to `count` proposals; fewer only where the space seems exhausted. */
  ask(count: number): readonly Genotype[];
  /** The outcomes of the proposals of one `ask`, in their order. */
  tell(outcomes: readonly Outcome[]): Diagnostics;
}

export interface StrategyOptions {
  readonly decisions: readonly Decision[];
  readonly rng: Rng;
  /**
   * Whether a network is worth training, by what is known without: its latency. Free, so it may be asked of
   * thousands.
   */
  readonly admits: (genotype: Genotype) => boolean;
}

/** How many draws in a row may be refused before a strategy takes the space for exhausted. */
export const MAX_REFUSALS = 1000;
