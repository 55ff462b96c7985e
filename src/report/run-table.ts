import { formatDuration, formatMs, formatPercent } from '../base/units.ts';
import type { RunListing } from './run-listing.ts';
import { type Column, textTable } from './text-table.ts';
import { TERMINAL_COLUMNS, wrap } from './wrap.ts';

const WHERE: readonly Column<RunListing>[] = [
  { title: 'space', cell: ({ space }) => space },
  { title: 'device', cell: ({ devices }) => devices.join(', ') },
  { title: 'strategy', cell: ({ strategy }) => strategy ?? '' },
  { title: 'dataset', cell: ({ dataset }) => dataset ?? '' },
];

/**
 * Runs in columns, in the order given. What all of them have in common stands in a line above, and columns that do
 * not fit a terminal, the least telling first, are left to `--json`.
 */
export function runTable(runs: readonly RunListing[]): string {
  const [first] = runs;
  if (first === undefined) return 'no runs yet';
  const common = WHERE.filter(
    ({ cell }) => cell(first) !== '' && runs.every((run) => cell(run) === cell(first)),
  );
  const columns: readonly (Column<RunListing> & { readonly dispensable?: number })[] = [
    { title: 'run', cell: ({ run }) => run },
    { title: 'state', cell: ({ state }) => state },
    ...WHERE.filter((column) => !common.includes(column)).map((column) => ({
      ...column,
      dispensable: 1 + WHERE.indexOf(column),
    })),
    {
      title: 'target',
      align: 'right',
      cell: ({ targetsMs }) =>
        targetsMs.length > 1 ? `${targetsMs.length} targets` : targetsMs.map(formatMs).join(),
    },
    {
      title: 'trials',
      align: 'right',
      cell: ({ trials, budget }) => (budget === null ? String(trials) : `${trials}/${budget}`),
    },
    {
      title: 'best',
      align: 'right',
      cell: ({ best }) => (best === null ? '' : formatPercent(best.accuracy)),
    },
    { title: 'begun (UTC)', cell: ({ createdAt }) => createdAt.slice(0, 16).replace('T', ' ') },
    {
      title: 'took',
      align: 'right',
      dispensable: 5,
      cell: ({ seconds, state }) => (seconds === 0 && state === 'running' ? '' : formatDuration(seconds)),
    },
  ];
  const { table, dropped } = fitted(runs, columns);
  return [
    ...(common.length === 0
      ? []
      : [wrap(common.map(({ title, cell }) => `${title} ${cell(first)}`).join(', ')), '']),
    table,
    '',
    wrap(
      'best: accuracy of the proxy of the most accurate network under the target; nas pareto RUN tells more',
    ),
    ...(dropped.length === 0
      ? []
      : [wrap(`not shown for lack of room: ${dropped.join(', ')} (nas runs --json)`)]),
  ].join('\n');
}

function fitted(
  runs: readonly RunListing[],
  columns: readonly (Column<RunListing> & { readonly dispensable?: number })[],
): { readonly table: string; readonly dropped: readonly string[] } {
  const table = textTable(runs, columns);
  const width = Math.max(...table.split('\n').map((line) => line.length));
  const least = columns.reduce<(typeof columns)[number] | undefined>(
    (found, column) => ((column.dispensable ?? 0) > (found?.dispensable ?? 0) ? column : found),
    undefined,
  );
  if (width <= TERMINAL_COLUMNS || least === undefined) return { table, dropped: [] };
  const rest = fitted(
    runs,
    columns.filter((column) => column !== least),
  );
  return { table: rest.table, dropped: [least.title, ...rest.dropped] };
}
