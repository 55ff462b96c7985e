import { mean } from 'simple-statistics';
import type { Rng } from '../base/rng.ts';
import { meanInterval95 } from '../numeric/bootstrap.ts';
import type { BenchResult } from './bench.ts';

/** Values by budget. */
type ByBudget<Value> = Readonly<Record<string, Value>>;
type Interval = readonly [number, number];

/** What many searches of one strategy came to. */
export interface BenchSummary {
  readonly strategy: string;
  /** Means over the seeds. */
  readonly regretPercent: ByBudget<number>;
  readonly hypervolumeRatio: ByBudget<number>;
  /** In which the means lie with 95 %. */
  readonly regretPercentInterval95: ByBudget<Interval>;
  readonly hypervolumeRatioInterval95: ByBudget<Interval>;
  readonly cpuSecondsPer1000: number;
  readonly seeds: number;
}

export function summarizeBench(
  strategy: string,
  budgets: readonly number[],
  results: readonly BenchResult[],
  cpuSecondsPer1000: number,
  rng: Rng,
): BenchSummary {
  const byBudget = <Value>(
    of: (result: BenchResult) => readonly number[],
    summary: (values: readonly number[]) => Value,
  ): ByBudget<Value> =>
    Object.fromEntries(
      budgets.map((budget, i) => [budget, summary(results.map((result) => of(result)[i] ?? Number.NaN))]),
    );
  const regret = (result: BenchResult): readonly number[] => result.regretPercent;
  const volume = (result: BenchResult): readonly number[] => result.hypervolumeRatio;
  const interval = (values: readonly number[]): Interval => meanInterval95(values, rng);
  return {
    strategy,
    regretPercent: byBudget(regret, (values) => mean([...values])),
    hypervolumeRatio: byBudget(volume, (values) => mean([...values])),
    cpuSecondsPer1000,
    regretPercentInterval95: byBudget(regret, interval),
    hypervolumeRatioInterval95: byBudget(volume, interval),
    seeds: results.length,
  };
}
