import { sampleGenotype } from '../../space/sample.ts';
import { drawNew } from '../draw.ts';
import type { Strategy, StrategyOptions } from '../strategy.ts';

/**
 * Copy this folder, say here what the strategy does and which paper and section it is from, and add one line to
 * `src/strategies/index.ts`. The contract suite then runs over it.
 */
export function createTemplate({ decisions, rng, admits }: StrategyOptions): Strategy {
  const proposed = new Set<string>();
  return {
    ask: (count) => drawNew(count, proposed, () => sampleGenotype(decisions, rng), admits),
    tell: () => ({}),
  };
}
