import { formatCount, formatMs, formatPercent } from '../base/units.ts';
import type { Trial } from '../objective/trial.ts';
import type { TrialFigures } from '../store/store.ts';
import { textTable } from './text-table.ts';
import { TERMINAL_COLUMNS } from './wrap.ts';

/** That all columns need without marks. */
const ALL_COLUMNS = 42;

/** Completed trials in columns, in the order given. Latencies are estimates. Parameters only where there is room. */
export function trialTable<Row extends TrialFigures>(
  trials: readonly Row[],
  marks?: (trial: Row) => string,
  room = TERMINAL_COLUMNS,
): string {
  return textTable(trials, [
    { title: 'trial', align: 'right', cell: ({ number }) => String(number) },
    { title: 'accuracy', align: 'right', cell: ({ accuracy }) => formatPercent(accuracy) },
    { title: 'est. latency', align: 'right', cell: ({ latencyMs }) => formatMs(latencyMs) },
    { title: 'MACs', align: 'right', cell: ({ macs }) => formatCount(macs) },
    ...(room < ALL_COLUMNS
      ? []
      : [{ title: 'params', align: 'right', cell: ({ params }: Row) => formatCount(params) } as const]),
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
