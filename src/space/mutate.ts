import type { Rng } from '../base/rng.ts';
import { type Decision, isActive } from './decision.ts';
import { type Genotype, INACTIVE } from './genotype.ts';

/**
 * A genotype in which one active decision takes another option: any other, or a neighbour where the decision is
 * ordinal. Decisions that this brings to life are drawn uniformly, those that it ends become inactive, and all others
 * stay. Throws a RangeError for a genotype without a decision.
 */
export function mutate(decisions: readonly Decision[], genotype: Genotype, rng: Rng): Genotype {
  const active = activeDecisions(genotype);
  const changed = active[rng.integer(active.length)];
  const decision = decisions[changed ?? INACTIVE];
  if (changed === undefined || decision === undefined) throw new RangeError('a genotype without decisions');
  const before = genotype[changed] ?? INACTIVE;
  const others = otherOptions(decision, before);
  return withChoice(decisions, genotype, changed, others[rng.integer(others.length)] ?? before, rng);
}

/** All genotypes that one mutation may lead to, in order; what comes to life in them is drawn. */
export function neighbours(
  decisions: readonly Decision[],
  genotype: Genotype,
  rng: Rng,
): readonly Genotype[] {
  return activeDecisions(genotype).flatMap((changed) => {
    const decision = decisions[changed];
    if (decision === undefined) return [];
    return otherOptions(decision, genotype[changed] ?? INACTIVE).map((option) =>
      withChoice(decisions, genotype, changed, option, rng),
    );
  });
}

/** A child that takes each choice from either parent; what neither has chosen is drawn uniformly. */
export function crossover(
  decisions: readonly Decision[],
  parents: readonly [Genotype, Genotype],
  rng: Rng,
): Genotype {
  const child: number[] = [];
  decisions.forEach((decision, index) => {
    if (!isActive(decision, child)) {
      child.push(INACTIVE);
      return;
    }
    const [first, second] = rng.uniform() < 0.5 ? parents : [parents[1], parents[0]];
    const choice = first[index] === INACTIVE ? second[index] : first[index];
    child.push(choice === undefined || choice === INACTIVE ? rng.integer(decision.options.length) : choice);
  });
  return child;
}

function activeDecisions(genotype: Genotype): readonly number[] {
  const active: number[] = [];
  genotype.forEach((choice, index) => {
    if (choice !== INACTIVE) active.push(index);
  });
  return active;
}

function otherOptions({ options, ordinal }: Decision, before: number): readonly number[] {
  const others: number[] = [];
  for (let option = 0; option < options.length; option++) {
    if (ordinal ? Math.abs(option - before) === 1 : option !== before) others.push(option);
  }
  return others;
}

function withChoice(
  decisions: readonly Decision[],
  genotype: Genotype,
  changed: number,
  option: number,
  rng: Rng,
): Genotype {
  const result: number[] = [];
  decisions.forEach((other, index) => {
    const kept = genotype[index] ?? INACTIVE;
    if (index === changed) result.push(option);
    else if (!isActive(other, result)) result.push(INACTIVE);
    else result.push(kept === INACTIVE ? rng.integer(other.options.length) : kept);
  });
  return result;
}
