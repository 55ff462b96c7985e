import { createEvolution } from './evolution/evolution.ts';
import { createGuided } from './guided/guided.ts';
import { createLocalSearch } from './local-search/local-search.ts';
import { createNsga2 } from './nsga2/nsga2.ts';
import { createPpo } from './ppo/ppo.ts';
import { createRandom } from './random/random.ts';
import { createReinforce } from './reinforce/reinforce.ts';
import type { Strategy, StrategyOptions } from './strategy.ts';

/** Every strategy that `--strategy` can name. */
export const STRATEGIES = {
  guided: (options) => createGuided(options),
  ppo: (options) => createPpo(options),
  reinforce: (options) => createReinforce(options),
  evolution: (options) => createEvolution(options),
  'local-search': createLocalSearch,
  nsga2: (options) => createNsga2(options),
  random: createRandom,
} as const satisfies Record<string, (options: StrategyOptions) => Strategy>;

export type StrategyName = keyof typeof STRATEGIES;
