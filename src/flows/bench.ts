import { max } from 'simple-statistics';
import { createRng } from '../base/rng.ts';
import { hypervolume, type ParetoPoint } from '../objective/pareto.ts';
import type { Reward } from '../objective/reward.ts';
import type { Decision } from '../space/decision.ts';
import type { Genotype } from '../space/genotype.ts';
import type { KnownCosts, Outcome, Strategy, StrategyOptions } from '../strategies/strategy.ts';

/** A space of which every network was trained: nothing is trained in a benchmark, everything is looked up. */
export interface BenchSpace {
  readonly decisions: readonly Decision[];
  readonly indexOf: (genotype: Genotype) => number;
  readonly accuracies: readonly number[];
  /** What stands for the latency of each network. */
  readonly costs: readonly number[];
  readonly params: readonly number[] | undefined;
  readonly macs: readonly number[] | undefined;
  /** Equal for networks that compute the same, where that is known. */
  readonly identity?: (genotype: Genotype) => string;
}

export interface BenchPlan {
  readonly reward: Reward;
  /** Numbers of trials after which to look, rising. */
  readonly budgets: readonly number[];
  /** Networks asked for at once. */
  readonly batch: number;
}

/** How good a search was after each of the budgets. */
export interface BenchResult {
  /** By how much the best reward so far falls short of the best there is, in percent of that. */
  readonly regretPercent: readonly number[];
  /** The part of the hypervolume of all networks that those tried so far have. */
  readonly hypervolumeRatio: readonly number[];
}

/** What the results of a space are compared with. */
export interface BenchOptimum {
  readonly reward: number;
  readonly reference: ParetoPoint;
  readonly hypervolume: number;
}

/**
 * The reference point is the lower quartile of all accuracies and the 99th percentile of all costs: networks beyond are of
 * no interest to anybody.
 */
export function optimumOf({ accuracies, costs }: BenchSpace, reward: Reward): BenchOptimum {
  const points = accuracies.map((accuracy, i) => ({ accuracy, latencyMs: costs[i] ?? Number.NaN }));
  const reference = { accuracy: percentile(accuracies, 25), latencyMs: percentile(costs, 99) };
  return {
    reward: max(points.map(({ accuracy, latencyMs }) => reward(accuracy, latencyMs))),
    reference,
    hypervolume: hypervolume(points, reference),
  };
}

/** Linear between neighbours. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent / 100) * (sorted.length - 1);
  const [below = Number.NaN, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (at - Math.floor(at)) * (above - below);
}

/** One search of a space by a strategy, from a seed. */
export function playBench(
  space: BenchSpace,
  create: (options: StrategyOptions) => Strategy,
  { reward, budgets, batch }: BenchPlan,
  optimum: BenchOptimum,
  seed: string,
): BenchResult {
  const costsOf = (genotype: Genotype): KnownCosts => {
    const index = space.indexOf(genotype);
    return {
      latencyMs: space.costs[index] ?? Number.NaN,
      params: space.params?.[index] ?? 1,
      macs: space.macs?.[index] ?? 1,
    };
  };
  const strategy = create({
    decisions: space.decisions,
    rng: createRng(seed),
    admits: () => true,
    costs: costsOf,
    reward,
    seeds: [],
    ...(space.identity === undefined ? {} : { identity: space.identity }),
  });
  const tried: ParetoPoint[] = [];
  let best = Number.NEGATIVE_INFINITY;
  const regretPercent: number[] = [];
  const hypervolumeRatio: number[] = [];
  for (const budget of budgets) {
    while (tried.length < budget) {
      const asked = strategy.ask(Math.min(batch, budget - tried.length));
      if (asked.length === 0) break;
      const outcomes = asked.map((genotype): Outcome => {
        const index = space.indexOf(genotype);
        const [accuracy = Number.NaN, latencyMs = Number.NaN] = [space.accuracies[index], space.costs[index]];
        const value = reward(accuracy, latencyMs);
        best = Math.max(best, value);
        tried.push({ accuracy, latencyMs });
        return { genotype, latencyMs, accuracy, reward: value };
      });
      strategy.tell(outcomes);
    }
    regretPercent.push((100 * (optimum.reward - best)) / optimum.reward);
    // Where all networks are as accurate there is no volume to miss.
    hypervolumeRatio.push(
      optimum.hypervolume === 0 ? 1 : hypervolume(tried, optimum.reference) / optimum.hypervolume,
    );
  }
  return { regretPercent, hypervolumeRatio };
}
