import type { Genotype } from '../../space/genotype.ts';
import { crossover, mutate } from '../../space/mutate.ts';
import { sampleGenotype } from '../../space/sample.ts';
import { createProposals } from '../proposals.ts';
import type { Strategy, StrategyOptions } from '../strategy.ts';
import { type Member, select } from './select.ts';

export interface Nsga2Options {
  readonly population: number;
  /** Probability that a child has two parents. */
  readonly crossover: number;
}

export const NSGA2_DEFAULTS: Nsga2Options = { population: 20, crossover: 0.5 };

/**
 * NSGA-II (Deb et al. 2002) for accuracy against latency; the reward plays no part. Parents win tournaments of two by
 * rank, then by crowding distance; a child has one mutation and maybe a second parent.
 * Differs from the paper: the population is selected anew with every outcome and not once a generation, so no worker has
 * to wait for one.
 */
export function createNsga2(
  space: StrategyOptions,
  { population: size, crossover: probability }: Nsga2Options = NSGA2_DEFAULTS,
): Strategy {
  const { decisions, rng } = space;
  const proposals = createProposals(space);
  const seeds = [...space.seeds];
  /** Best first. */
  let population: readonly Member[] = [];
  let asked = 0;

  const tournament = (): Genotype => {
    const [a, b] = [rng.integer(population.length), rng.integer(population.length)];
    return population[Math.min(a, b)]?.genotype ?? sampleGenotype(decisions, rng);
  };
  const draw = (): Genotype => {
    const seed = seeds.shift();
    if (seed !== undefined) return seed;
    if (asked < size || population.length === 0) return sampleGenotype(decisions, rng);
    const parent = tournament();
    const child = rng.uniform() < probability ? crossover(decisions, [parent, tournament()], rng) : parent;
    return mutate(decisions, child, rng);
  };

  return {
    ask(count) {
      const found = proposals.fill(count, draw);
      asked += found.length;
      return found;
    },
    tell(outcomes) {
      for (const { genotype, latencyMs, accuracy } of outcomes) {
        if (accuracy !== undefined)
          population = select([...population, { genotype, latencyMs, accuracy }], size);
      }
      return {};
    },
  };
}
