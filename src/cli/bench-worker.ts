/** A worker of `nas bench`: searches a tabular benchmark again and again. */
import { digestOf } from '../base/digest.ts';
import {
  type BenchOptimum,
  type BenchPlan,
  type BenchResult,
  type BenchSpace,
  optimumOf,
  playBench,
} from '../flows/bench.ts';
import { createReward, type RewardConfig } from '../objective/reward.ts';
import type { Genotype } from '../space/genotype.ts';
import { buildGraph } from '../space/network.ts';
import { STRATEGIES, type StrategyName } from '../strategies/index.ts';
import { parseBenchmark } from '../trainers/tabular/benchmark.ts';
import { workerTask } from '../workers/worker-task.ts';
import { readSpace } from './space-files.ts';

/** What all searches share; plain data. */
export interface BenchSource {
  /** The document of the benchmark, and where it was read from. */
  readonly source: unknown;
  readonly where: string;
  readonly column: string;
  readonly target: number;
  readonly reward: RewardConfig;
  readonly budgets: readonly number[];
  readonly batch: number;
  /** Of the same decisions as the benchmark. */
  readonly space: string | undefined;
}

/** One search; none where the worker is only to get ready. */
export interface BenchTask {
  readonly search?: { readonly strategy: StrategyName; readonly seed: string };
}

interface State {
  readonly space: BenchSpace;
  readonly plan: BenchPlan;
  readonly optimum: BenchOptimum;
}

function start({
  source,
  where,
  column,
  target,
  reward: config,
  budgets,
  batch,
  space: name,
}: BenchSource): State {
  const benchmark = parseBenchmark(source, where);
  const reward = createReward(config, target);
  const space: BenchSpace = {
    ...benchmark,
    costs: benchmark.cost(column),
    ...(name === undefined ? {} : { identity: identityIn(name) }),
  };
  return { space, plan: { reward, budgets, batch }, optimum: optimumOf(space, reward) };
}

/** Networks that lower to the same ops compute the same. */
function identityIn(name: string): (genotype: Genotype) => string {
  const { space } = readSpace(name);
  return (genotype) => digestOf(buildGraph(space.decode(genotype)));
}

export const run = workerTask(
  start,
  ({ space, plan, optimum }: State, { search }: BenchTask): BenchResult => {
    if (search === undefined) return { regretPercent: [], hypervolumeRatio: [] };
    return playBench(space, STRATEGIES[search.strategy], plan, optimum, search.seed);
  },
);
