import type { Genotype } from '../../space/genotype.ts';
import { mutate } from '../../space/mutate.ts';
import { sampleGenotype } from '../../space/sample.ts';
import { createProposals } from '../proposals.ts';
import type { Strategy, StrategyOptions } from '../strategy.ts';

export interface EvolutionOptions {
  readonly population: number;
  /** Members that a parent is the best of. */
  readonly sample: number;
}

/**
 * Within what is usual (NAS-Bench-201, arXiv:2001.00326, and others: population 10 to 100, sample 3 to 10); larger samples
 * are greedier, which pays where there are some hundreds of trials.
 */
export const EVOLUTION_DEFAULTS: EvolutionOptions = { population: 20, sample: 10 };

/**
 * Regularized evolution (Real et al., arXiv:1802.01548, algorithm 1): the best of a few members drawn from the population
 * has a child with one mutation, and the oldest member dies. The population starts with the seeds and uniform samples.
 * Differs from the paper: no network is proposed twice. A child that was, or that is inadmissible, is mutated on, so that
 * a parent whose neighbours are used up still has children.
 */
export function createEvolution(
  space: StrategyOptions,
  { population: size, sample }: EvolutionOptions = EVOLUTION_DEFAULTS,
): Strategy {
  const { decisions, rng } = space;
  const proposals = createProposals(space);
  const seeds = [...space.seeds];
  const population: Member[] = [];
  let asked = 0;

  const tournament = (): Member | undefined => {
    let best: Member | undefined;
    for (let i = 0; i < sample; i++) {
      const member = population[rng.integer(population.length)];
      if (member !== undefined && (best === undefined || member.reward > best.reward)) best = member;
    }
    return best;
  };
  /** The child of the latest tournament while it is refused. */
  let refused: Genotype | undefined;
  const draw = (): Genotype => {
    const seed = seeds.shift();
    if (seed !== undefined) return seed;
    const parent = asked < size ? undefined : (refused ?? tournament()?.genotype);
    if (parent === undefined) return sampleGenotype(decisions, rng);
    refused = mutate(decisions, parent, rng);
    return refused;
  };

  return {
    ask: (count) => {
      const found: Genotype[] = [];
      while (found.length < count) {
        refused = undefined;
        const next = proposals.fill(1, draw);
        if (next.length === 0) break;
        found.push(...next);
        asked++;
      }
      return found;
    },
    tell(outcomes) {
      for (const { genotype, reward } of outcomes) {
        population.push({ genotype, reward: reward ?? Number.NEGATIVE_INFINITY });
        if (population.length > size) population.shift();
      }
      return {};
    },
  };
}

interface Member {
  readonly genotype: Genotype;
  readonly reward: number;
}
