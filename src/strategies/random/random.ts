import { sampleGenotype } from '../../space/sample.ts';
import { drawNew } from '../draw.ts';
import type { Strategy, StrategyOptions } from '../strategy.ts';

/** Uniform sampling without repetition: the baseline that every strategy has to beat. */
export function createRandom({ decisions, rng, admits }: StrategyOptions): Strategy {
  const proposed = new Set<string>();
  return {
    ask: (count) => drawNew(count, proposed, () => sampleGenotype(decisions, rng), admits),
    tell: () => ({}),
  };
}
