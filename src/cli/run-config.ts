import { z } from 'zod';
import { RUNTIMES } from '../devices/open-device.ts';
import { DTYPES } from '../devices/runner-protocol.ts';
import { REWARD_NAMES } from '../objective/reward.ts';
import { STRATEGIES, type StrategyName } from '../strategies/index.ts';

export const STRATEGY_NAMES = Object.keys(STRATEGIES) as [StrategyName, ...StrategyName[]];

/** What a user decides about a search. With the seed and the digests of the run it determines every trial. */
export const runConfigSchema = z.strictObject({
  space: z.string(),
  /** What the latencies are of, as it was asked for; the table of the run tells what it came to. */
  device: z.strictObject({
    device: z.string(),
    runtime: z.literal(RUNTIMES).optional(),
    benchmarkModel: z.string().optional(),
    dtype: z.literal(DTYPES),
    threads: z.int().positive(),
    core: z.int().min(0).optional(),
  }),
  targetMs: z.number().positive(),
  reward: z.strictObject({
    name: z.literal(REWARD_NAMES),
    alpha: z.number().optional(),
    beta: z.number().optional(),
  }),
  /** Networks slower than this many times the target are not trained. */
  latencyLimit: z.number().min(1),
  strategy: z.literal(STRATEGY_NAMES),
  trials: z.int().positive(),
  batch: z.int().positive(),
  dataset: z.string(),
  seed: z.string(),
});

export type RunConfig = z.output<typeof runConfigSchema>;
