import { type Decision, isActive } from './decision.ts';
import { type Choices, type Genotype, INACTIVE } from './genotype.ts';

/** A genotype with the first option wherever `choices` says nothing and the decision is active. */
export function complete(decisions: readonly Decision[], choices: Choices): Genotype {
  const genotype: number[] = [];
  decisions.forEach((decision, index) => {
    genotype.push(isActive(decision, genotype) ? Math.max(choices[index] ?? 0, 0) : INACTIVE);
  });
  return genotype;
}
