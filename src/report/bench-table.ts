import type { BenchSummary } from '../flows/bench-summary.ts';
import { textTable } from './text-table.ts';

/** Regret and hypervolume of strategies after each budget, with the half width of their 95 % intervals. */
export function benchTable(summaries: readonly BenchSummary[], budgets: readonly number[]): string {
  const cell = (
    mean = Number.NaN,
    [low, high]: readonly [number, number] = [mean, mean],
    digits: number,
  ): string => `${mean.toFixed(digits)} ±${((high - low) / 2).toFixed(digits)}`;
  return textTable(summaries, [
    { title: 'strategy', cell: ({ strategy }) => strategy },
    ...budgets.map((budget) => ({
      title: `regret % @${budget}`,
      align: 'right' as const,
      cell: (summary: BenchSummary) =>
        cell(summary.regretPercent[budget], summary.regretPercentInterval95[budget], 3),
    })),
    ...budgets.map((budget) => ({
      title: `hypervolume @${budget}`,
      align: 'right' as const,
      cell: (summary: BenchSummary) =>
        cell(summary.hypervolumeRatio[budget], summary.hypervolumeRatioInterval95[budget], 3),
    })),
    {
      title: 'CPU s / 1,000',
      align: 'right',
      cell: ({ cpuSecondsPer1000 }) => cpuSecondsPer1000.toFixed(2),
    },
  ]);
}
