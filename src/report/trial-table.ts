import { formatCount, formatMs, formatPercent } from '../base/units.ts';
import type { Trial } from '../objective/trial.ts';
import type { TrialFigures } from '../store/store.ts';
import { textTable } from './text-table.ts';

/** Completed trials in columns, in the order given. Latencies are estimates. */
export function trialTable<Row extends TrialFigures>(
  trials: readonly Row[],
  marks?: (trial: Row) => string,
): string {
  return textTable(trials, [
    { title: 'trial', align: 'right', cell: ({ number }) => String(number) },
    { title: 'accuracy', align: 'right', cell: ({ accuracy }) => formatPercent(accuracy) },
    { title: 'est. latency', align: 'right', cell: ({ latencyMs }) => formatMs(latencyMs) },
    { title: 'MACs', align: 'right', cell: ({ macs }) => formatCount(macs) },
    { title: 'params', align: 'right', cell: ({ params }) => formatCount(params) },
    ...(marks === undefined ? [] : [{ title: '', cell: marks }]),
  ]);
}

/** What became of trials that were not completed, a line each. */
export function troubleLines(trials: readonly Trial[]): readonly string[] {
  return trials.flatMap((trial) => {
    if (trial.state === 'completed') return [];
    return [`trial ${trial.number} ${trial.state}: ${trial.state === 'failed' ? trial.error : trial.reason}`];
  });
}
