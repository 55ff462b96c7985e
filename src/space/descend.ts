import { complete } from './complete.ts';
import type { Decision } from './decision.ts';
import type { Genotype } from './genotype.ts';

/**
 * A genotype of small cost, by coordinate descent: from `start`, each decision in turn takes its cheapest option,
 * until a whole pass changes nothing. Exact where decisions add to the cost independently; a good bound otherwise.
 */
export function descend(
  decisions: readonly Decision[],
  start: Genotype,
  cost: (genotype: Genotype) => number,
): { readonly genotype: Genotype; readonly cost: number } {
  let best = { genotype: start, cost: cost(start) };
  for (let improved = true; improved; ) {
    improved = false;
    decisions.forEach((decision, index) => {
      for (const option of decision.options.keys()) {
        const genotype = complete(decisions, best.genotype.with(index, option));
        const candidate = { genotype, cost: cost(genotype) };
        if (candidate.cost < best.cost) {
          best = candidate;
          improved = true;
        }
      }
    });
  }
  return best;
}
