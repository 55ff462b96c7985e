import { z } from 'zod';
import { RUNTIMES } from '../devices/open-device.ts';
import { DTYPES } from '../devices/runner-protocol.ts';
import { STOPPING_RULES } from '../flows/early-stopping.ts';
import { REWARD_NAMES } from '../objective/reward.ts';
import { STRATEGIES, type StrategyName } from '../strategies/index.ts';
import { chainSchema } from './chain-config.ts';
import { trainerConfigSchema } from './trainer-options.ts';

export const STRATEGY_NAMES = Object.keys(STRATEGIES) as [StrategyName, ...StrategyName[]];

export const rewardSchema = z.strictObject({
  name: z.literal(REWARD_NAMES),
  alpha: z.number().optional(),
  beta: z.number().optional(),
});

const configSchema = z.strictObject({
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
  /** Names of more devices, asked for with the same options; each has a table, a front and an answer of its own. */
  otherDevices: z.array(z.string()).default([]),
  /** Each has an answer of its own, on every device. */
  targetsMs: z.array(z.number().positive()).min(1),
  reward: rewardSchema,
  /** Networks slower than this many times the target are not trained. */
  latencyLimit: z.number().min(1),
  strategy: z.literal(STRATEGY_NAMES),
  /** Left out where time is all that ends the run. */
  trials: z.int().positive().optional(),
  /** Over all sessions; what is under way by then is finished. */
  timeMs: z.number().positive().optional(),
  batch: z.int().positive(),
  /** Networks under way at any time, instead of batches. */
  inFlight: z.int().positive().optional(),
  stopEarly: z.literal(STOPPING_RULES).optional(),
  /** Longest time of one training. */
  timeoutMs: z.number().positive().optional(),
  dataset: z.string(),
  trainer: trainerConfigSchema,
  /** The best candidates for each answer are trained longer, and the answer is chosen by that; none where it is left out. */
  finalists: z
    .strictObject({
      count: z.int().positive(),
      /** Epochs for each of the proxy's recipe. */
      longer: z.int().positive(),
    })
    .optional(),
  /** What follows the search, where something is to. */
  chain: chainSchema.optional(),
  seed: z.string(),
});

/** What a user decides about a search. With the seed and the digests of the run it determines every trial. */
export const runConfigSchema = z.preprocess((config) => {
  if (typeof config !== 'object' || config === null) return config;
  // Runs of before there could be several targets, or finalists of others than supernets.
  const { targetMs, ...others } = config as Readonly<Record<string, unknown>>;
  const { trainer } = others as { readonly trainer?: { readonly name?: unknown } };
  return {
    ...(trainer?.name === 'supernet' ? { finalists: { count: 4, longer: 1 } } : {}),
    ...others,
    ...(targetMs === undefined ? {} : { targetsMs: [targetMs] }),
  };
}, configSchema);

export type RunConfig = z.output<typeof runConfigSchema>;

/** A latency to reach on a device. */
export interface Target {
  /** Which of the run's devices. */
  readonly device: number;
  readonly targetMs: number;
}

/** All that a run is to answer: each target on each device. */
export function targetsOf({ otherDevices, targetsMs }: RunConfig): readonly Target[] {
  return [0, ...otherDevices.map((_, index) => index + 1)].flatMap((device) =>
    targetsMs.map((targetMs) => ({ device, targetMs })),
  );
}
