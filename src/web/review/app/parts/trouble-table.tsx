import type { TroubleKind } from '../../../../report/pages/run-page.ts';
import { DataTable } from './data-table.tsx';
import { TrialLink } from './page-link.tsx';
import { Section } from './section.tsx';

interface TroubleTableProps {
  readonly run: string;
  readonly trouble: readonly TroubleKind[];
}

/** Trials that came to no accuracy, by reason. */
export function TroubleTable({ run, trouble }: TroubleTableProps) {
  if (trouble.length === 0) return null;
  const count = trouble.reduce((sum, kind) => sum + kind.count, 0);
  return (
    <Section title="Failed, stopped and infeasible" lead={`${count} trials came to no accuracy.`}>
      <DataTable
        name={`${run} without accuracy`}
        rows={trouble}
        rowKey={({ state, reason }) => `${state} ${reason}`}
        columns={[
          { title: 'state', value: ({ state }) => state },
          { title: 'trials', align: 'right', value: (kind) => kind.count },
          { title: 'reason', value: ({ reason }) => reason },
          {
            title: 'such as',
            value: ({ trials }) => trials.join(' '),
            cell: ({ trials }) =>
              trials.map((trial) => (
                <span key={trial}>
                  <TrialLink run={run} trial={trial} />{' '}
                </span>
              )),
          },
        ]}
      />
    </Section>
  );
}
