import { sampleGenotype } from '../../space/sample.ts';
import { createProposals } from '../proposals.ts';
import type { Strategy, StrategyOptions } from '../strategy.ts';

/** Uniform sampling without repetition: the baseline that every strategy has to beat. */
export function createRandom(space: StrategyOptions): Strategy {
  const proposals = createProposals(space);
  return {
    ask: (count) => proposals.fill(count, () => sampleGenotype(space.decisions, space.rng)),
    tell: () => ({}),
  };
}
