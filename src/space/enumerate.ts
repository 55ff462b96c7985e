import { complete } from './complete.ts';
import type { Decision } from './decision.ts';
import { type Genotype, INACTIVE } from './genotype.ts';

/** All genotypes of some decisions, each once, in lexicographic order. */
export function* everyGenotype(decisions: readonly Decision[]): Generator<Genotype> {
  for (let genotype = complete(decisions, []); ; ) {
    yield genotype;
    const raised = genotype.findLastIndex(
      (choice, index) => choice !== INACTIVE && choice + 1 < (decisions[index]?.options.length ?? 0),
    );
    if (raised < 0) return;
    genotype = complete(decisions, [...genotype.slice(0, raised), (genotype[raised] ?? 0) + 1]);
  }
}
