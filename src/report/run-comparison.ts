import { formatMs, formatPercent } from '../base/units.ts';
import { commonReference, coverage, hypervolumeShare } from '../objective/compare-fronts.ts';
import { hypervolume, type ParetoPoint } from '../objective/pareto.ts';
import type { BestTrial, TrialFigures } from '../store/store.ts';
import { frontsPlot } from './front-plot.ts';
import { textTable } from './text-table.ts';
import { wrap } from './wrap.ts';

/** A run that is compared with others. */
export interface ComparedRun {
  readonly run: string;
  readonly trials: number;
  /** Fastest first. */
  readonly front: readonly TrialFigures[];
  /** Under each of the targets: as measured, or as estimated where nothing was measured. */
  readonly best: readonly (BestTrial | undefined)[];
}

export interface RunComparison {
  readonly runs: readonly ComparedRun[];
  readonly targetsMs: readonly number[];
  /** Where the runs differ so that figures do not mean the same. */
  readonly warnings: readonly string[];
}

/** What `nas runs compare --json` prints. */
export function comparisonDocument({ runs, targetsMs, warnings }: RunComparison) {
  const fronts = runs.map(({ front }) => front);
  const reference = commonReference(fronts);
  return {
    targetsMs,
    warnings,
    reference,
    runs: runs.map(({ run, trials, front, best }) => ({
      run,
      trials,
      hypervolume: hypervolume(front, reference),
      hypervolumeShare: hypervolumeShare(front, fronts, reference),
      front: front.map(({ number, accuracy, latencyMs }) => ({ trial: number, accuracy, latencyMs })),
      best: best.map((found) => {
        if (found === undefined) return null;
        const { number: trial, accuracy, latencyMs, measuredMs } = found;
        return { trial, accuracy, latencyMs, measuredMs };
      }),
    })),
    /** Row: whose front; column: the part of that run's front that it matches or beats. */
    coverage: fronts.map((front, row) =>
      fronts.map((others, column) => (row === column ? null : coverage(front, others))),
    ),
  };
}

/** What `nas runs compare` prints. */
export function comparisonReport(comparison: RunComparison): string {
  const { runs, targetsMs, warnings } = comparison;
  const document = comparisonDocument(comparison);
  const { reference } = document;
  const rows = document.runs.map((run, i) => ({ ...run, best: runs[i]?.best ?? [] }));
  const plot = frontsPlot(
    runs.map(({ run: name, front: points }) => ({ name, points })),
    targetsMs,
    { width: 60, height: 14 },
  );
  return [
    ...warnings.map((warning) => wrap(`warning: ${warning}`)),
    ...(warnings.length === 0 ? [] : ['']),
    plot,
    '',
    textTable(rows, [
      { title: 'run', cell: ({ run }) => run },
      { title: 'trials', align: 'right', cell: ({ trials }) => String(trials) },
      { title: 'on front', align: 'right', cell: ({ front }) => String(front.length) },
      { title: 'hypervolume', align: 'right', cell: (row) => row.hypervolume.toPrecision(4) },
      { title: 'of all', align: 'right', cell: (row) => formatPercent(row.hypervolumeShare) },
    ]),
    `hypervolume: accuracy × ms, within ${formatMs(reference.latencyMs)} and above ${formatPercent(reference.accuracy)}`,
    'of all: in parts of the hypervolume of all these fronts together',
    ...(targetsMs.length === 0 ? [] : ['', bestTable(runs, targetsMs)]),
    '',
    'part of each front that another front matches or beats',
    matrix(
      runs.map(({ run }) => run),
      document.coverage,
    ),
    '',
    'the most accurate network of each within an estimated latency',
    frontierTable(runs),
  ].join('\n');
}

function bestTable(runs: readonly ComparedRun[], targetsMs: readonly number[]): string {
  const rows = targetsMs.flatMap((targetMs, i) =>
    runs.map(({ run, best }) => ({ run, targetMs, best: best[i] })),
  );
  return textTable(rows, [
    { title: 'target', align: 'right', cell: ({ targetMs }) => formatMs(targetMs) },
    {
      title: 'best under it',
      cell: ({ run, best }) => (best === undefined ? `none of ${run}` : `${run}/${best.number}`),
    },
    {
      title: 'accuracy',
      align: 'right',
      cell: ({ best }) => (best === undefined ? '' : formatPercent(best.accuracy)),
    },
    {
      title: 'latency',
      cell: ({ best }) => {
        if (best === undefined) return '';
        return best.measuredMs === null
          ? `${formatMs(best.latencyMs)} estimated, not measured`
          : `${formatMs(best.measuredMs)} measured (estimated ${formatMs(best.latencyMs)})`;
      },
    },
  ]);
}

/** Rows are of whose front is matched; columns of which front does. */
function matrix(names: readonly string[], parts: readonly (readonly (number | null)[])[]): string {
  return textTable(
    names.map((name, row) => ({ name, row })),
    [
      { title: '', cell: ({ name }) => name },
      ...names.map((title, column) => ({
        title: `by ${title}`,
        align: 'right' as const,
        cell: ({ row }: { row: number }) => {
          const part = parts[column]?.[row] ?? null;
          return part === null ? '' : formatPercent(part);
        },
      })),
    ],
  );
}

const STEPS = 8;

/** Best accuracies over latency, at places evenly apart over the range of all fronts. */
function frontierTable(runs: readonly ComparedRun[]): string {
  const latencies = runs.flatMap(({ front }) => front.map(({ latencyMs }) => latencyMs));
  if (latencies.length === 0) return 'none has a completed trial';
  const [low, high] = [Math.min(...latencies), Math.max(...latencies)];
  const places = Array.from({ length: STEPS }, (_, i) => low + ((high - low) * i) / (STEPS - 1));
  return textTable(low === high ? [low] : places, [
    { title: 'within', align: 'right', cell: formatMs },
    ...runs.map(({ run, front }) => ({
      title: run,
      align: 'right' as const,
      cell: (latencyMs: number) => {
        const best = bestWithin(front, latencyMs);
        return best === undefined ? '' : formatPercent(best.accuracy);
      },
    })),
  ]);
}

/** The last of a front, which is sorted, that is fast enough. */
function bestWithin<Point extends ParetoPoint>(
  front: readonly Point[],
  latencyMs: number,
): Point | undefined {
  return front.findLast((point) => point.latencyMs <= latencyMs);
}
