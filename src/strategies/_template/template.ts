import { sampleGenotype } from '../../space/sample.ts';
import { createProposals } from '../proposals.ts';
import type { Strategy, StrategyOptions } from '../strategy.ts';

/**
 * Copy this folder, say here what the strategy does and which paper and section it is from, and add one line to
 * `src/strategies/index.ts`. The contract suite then runs over it.
 */
export function createTemplate(space: StrategyOptions): Strategy {
  const proposals = createProposals(space);
  return {
    ask: (count) => proposals.fill(count, () => sampleGenotype(space.decisions, space.rng)),
    tell: () => ({}),
  };
}
