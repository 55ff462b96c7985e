import { createRng, shuffle } from '../../base/rng.ts';
import { complete } from '../../space/complete.ts';
import type { Genotype } from '../../space/genotype.ts';
import type { SearchSpace } from '../../space/search-space.ts';

/**
 * Which network each step trains, as a function of the step alone. Each decision goes through its options in rounds, in
 * a new order each, so that all have been proposed equally often (Chu et al. 2021, FairNAS, arXiv:1907.01845, section
 * 3.2); drawn by lot, options of few steps would be behind by chance. Differs from the paper: the weights are updated
 * after each network, not once a round, since decisions have different numbers of options.
 */
export function createPathSampler({ decisions }: SearchSpace, seed: string): (step: number) => Genotype {
  const orders: { round: number; order: readonly number[] }[] = decisions.map(() => ({
    round: -1,
    order: [],
  }));
  return (step) =>
    complete(
      decisions,
      decisions.map(({ options }, decision) => {
        const round = Math.floor(step / options.length);
        if (orders[decision]?.round !== round) {
          const rng = createRng(`${seed}/decision ${decision}/round ${round}`);
          orders[decision] = { round, order: shuffle([...options.keys()], rng) };
        }
        return orders[decision]?.order[step % options.length];
      }),
    );
}
