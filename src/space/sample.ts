import type { Rng } from '../base/rng.ts';
import { type Decision, isActive } from './decision.ts';
import { type Genotype, INACTIVE } from './genotype.ts';

/** A genotype in which every active decision is uniform over its options. */
export function sampleGenotype(decisions: readonly Decision[], rng: Rng): Genotype {
  const genotype: number[] = [];
  for (const decision of decisions) {
    genotype.push(isActive(decision, genotype) ? rng.integer(decision.options.length) : INACTIVE);
  }
  return genotype;
}
