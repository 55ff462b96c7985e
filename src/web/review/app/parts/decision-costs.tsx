import { formatCount, formatMs } from '../../../../base/units.ts';
import type { TrialPage } from '../../../../report/pages/trial-page.ts';
import { DataTable } from './data-table.tsx';

interface DecisionCostsProps {
  readonly reference: string;
  readonly choices: TrialPage['trial']['choices'];
  readonly decisions: TrialPage['explanation']['decisions'];
}

/** What the network chose, and what each other option would change, all others being as they are. */
export function DecisionCosts({ reference, choices, decisions }: DecisionCostsProps) {
  const rows = (decisions ?? []).flatMap(({ decision, others }) => {
    const chosen = choices.find((choice) => choice.decision === decision)?.choice ?? '';
    return others.map((other, i) => ({
      ...other,
      decision,
      chosen,
      key: `${decision} ${i}`,
      text: optionText(other.option),
    }));
  });
  if (rows.length === 0) {
    return (
      <DataTable
        name={`${reference} decisions`}
        rows={choices}
        rowKey={({ decision }) => decision}
        columns={[
          { title: 'decision', value: ({ decision }) => decision },
          { title: 'choice', value: ({ choice }) => choice },
        ]}
      />
    );
  }
  return (
    <DataTable
      name={`${reference} decisions`}
      rows={rows}
      rowKey={({ key }) => key}
      columns={[
        { title: 'decision', value: ({ decision }) => decision },
        { title: 'chosen', value: ({ chosen }) => chosen },
        {
          title: 'instead',
          value: ({ text }) => text,
          cell: ({ text, opens }) => `${text}${opens.length > 0 ? ' *' : ''}`,
        },
        {
          title: 'latency (ms)',
          align: 'right',
          value: ({ latencyMs }) => latencyMs,
          cell: ({ latencyMs }) => (latencyMs === null ? 'not in table' : signed(latencyMs, formatMs)),
        },
        {
          title: 'MACs',
          align: 'right',
          value: ({ macs }) => macs,
          cell: ({ macs }) => signed(macs, formatCount),
        },
        {
          title: 'params',
          align: 'right',
          value: ({ params }) => params,
          cell: ({ params }) => signed(params, formatCount),
        },
      ]}
    />
  );
}

/** An option in a few words. */
function optionText(option: unknown): string {
  if (typeof option !== 'object' || option === null) return String(option);
  const { type, ...fields } = option as Readonly<Record<string, unknown>>;
  const simple = Object.entries(fields).filter(([, value]) => typeof value !== 'object');
  return [type, ...simple.map(([name, value]) => `${name} ${value}`)].filter(Boolean).join(' ');
}

/** `+1.20 ms`, `−36 us`, `0` where nothing changes. */
function signed(change: number, format: (size: number) => string): string {
  if (change === 0) return '0';
  return `${change < 0 ? '−' : '+'}${format(Math.abs(change))}`;
}
