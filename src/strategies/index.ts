import { createPpo } from './ppo/ppo.ts';
import { createRandom } from './random/random.ts';
import type { Strategy, StrategyOptions } from './strategy.ts';

/** Every strategy that `--strategy` can name. */
export const STRATEGIES = {
  ppo: (options) => createPpo(options),
  random: createRandom,
} as const satisfies Record<string, (options: StrategyOptions) => Strategy>;

export type StrategyName = keyof typeof STRATEGIES;
