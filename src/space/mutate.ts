import type { Rng } from '../base/rng.ts';
import { type Decision, isActive } from './decision.ts';
import { type Genotype, INACTIVE } from './genotype.ts';

/**
 * A genotype in which one active decision takes another option: any other, or a neighbour where the decision is
 * ordinal. Decisions that this brings to life are drawn uniformly, those that it ends become inactive, and all others
 * stay. Throws a RangeError for a genotype without a decision.
 */
export function mutate(decisions: readonly Decision[], genotype: Genotype, rng: Rng): Genotype {
  const active = decisions.flatMap((decision, index) => (isActive(decision, genotype) ? [index] : []));
  const changed = active[rng.integer(active.length)];
  const decision = decisions[changed ?? INACTIVE];
  if (changed === undefined || decision === undefined) throw new RangeError('a genotype without decisions');
  const before = genotype[changed] ?? INACTIVE;
  const others = [...decision.options.keys()].filter((option) =>
    decision.ordinal ? Math.abs(option - before) === 1 : option !== before,
  );
  const mutant: number[] = [];
  decisions.forEach((other, index) => {
    const kept = genotype[index] ?? INACTIVE;
    if (index === changed) mutant.push(others[rng.integer(others.length)] ?? before);
    else if (!isActive(other, mutant)) mutant.push(INACTIVE);
    else mutant.push(kept === INACTIVE ? rng.integer(other.options.length) : kept);
  });
  return mutant;
}
