import { NasError } from '../base/errors.ts';
import { type Decision, isActive } from './decision.ts';
import { type Genotype, INACTIVE } from './genotype.ts';

/** Throws unless the genotype has a choice for each active decision and `INACTIVE` for each other one. */
export function checkGenotype(decisions: readonly Decision[], genotype: Genotype, where: string): void {
  if (genotype.length !== decisions.length) {
    throw new NasError(where, {
      found: `a genotype of ${genotype.length} choices`,
      expected: `${decisions.length}, one a decision`,
    });
  }
  decisions.forEach((decision, index) => {
    const choice = genotype[index] ?? Number.NaN;
    const active = isActive(decision, genotype);
    if (active ? decision.options[choice] === undefined : choice !== INACTIVE) {
      throw new NasError(where, {
        found: `choice ${choice} for ${decision.name}`,
        expected: active ? `0 to ${decision.options.length - 1}` : `${INACTIVE}, the decision is inactive`,
      });
    }
  });
}
