import { shuffle } from '../../base/rng.ts';
import type { Genotype } from '../../space/genotype.ts';
import { neighbours } from '../../space/mutate.ts';
import { sampleGenotype } from '../../space/sample.ts';
import { createProposals } from '../proposals.ts';
import type { Strategy, StrategyOptions } from '../strategy.ts';

/** Networks tried before the first climb, which begins at the best of them. */
const FIRST = 10;

/**
 * Local search (White et al., arXiv:2005.02960): all networks one choice away from the best one are tried in random
 * order; one that is better takes its place at once. A climb that is at its top begins again at a random network.
 */
export function createLocalSearch(space: StrategyOptions): Strategy {
  const { decisions, rng } = space;
  const proposals = createProposals(space);
  const seeds = [...space.seeds];
  let asked = 0;
  let climb = 0;
  /** Of the best network of this climb; none before the first outcome. */
  let top: number | undefined;
  /** Its neighbours that were not tried yet. */
  let left: Genotype[] = [];
  /** The climbs of proposals that were not told of yet, by genotype: a late outcome does not lead back. */
  const climbOf = new Map<string, number>();

  const draw = (): Genotype => {
    const seed = seeds.shift();
    if (seed !== undefined) return seed;
    const neighbour = asked < FIRST ? undefined : left.pop();
    if (neighbour !== undefined) return neighbour;
    if (asked >= FIRST && top !== undefined) {
      climb++;
      top = undefined;
    }
    return sampleGenotype(decisions, rng);
  };

  return {
    ask(count) {
      const found: Genotype[] = [];
      while (found.length < count) {
        const [next] = proposals.fill(1, draw);
        if (next === undefined) break;
        asked++;
        climbOf.set(next.join(), climb);
        found.push(next);
      }
      return found;
    },
    tell(outcomes) {
      for (const { genotype, reward = Number.NEGATIVE_INFINITY } of outcomes) {
        const key = genotype.join();
        const isCurrent = climbOf.get(key) === climb;
        climbOf.delete(key);
        if (!isCurrent || (top !== undefined && reward <= top)) continue;
        top = reward;
        left = shuffle([...neighbours(decisions, genotype, rng)], rng);
      }
      return {};
    },
  };
}
