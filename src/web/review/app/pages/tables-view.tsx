import { formatPercent } from '../../../../base/units.ts';
import { DataTable } from '../parts/data-table.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { RefusalNote } from '../parts/refusal-note.tsx';
import { WholeDocument } from '../parts/whole-document.tsx';
import { useDocument } from '../source/use-document.ts';

/** The latency tables of the folder. */
export function TablesView() {
  const loaded = useDocument({ page: 'tables' });
  return (
    <>
      <h1>Latency tables</h1>
      <WholeDocument of={loaded}>
        {({ tables, broken }) => (
          <>
            {broken.map((message) => (
              <RefusalNote key={message} refusal={{ where: 'left out', found: message }} />
            ))}
            {tables.length === 0 ? (
              <p>
                No tables yet. <code>nas profile</code> measures one; a search does so by itself.
              </p>
            ) : (
              <DataTable
                name="latency tables"
                rows={tables}
                rowKey={({ table }) => table}
                columns={[
                  {
                    title: 'table',
                    value: ({ table }) => table,
                    cell: ({ table }) => <PageLink to={{ page: 'table', table }}>{table}</PageLink>,
                  },
                  { title: 'processor', value: ({ processor }) => processor },
                  { title: 'runtime', value: ({ runtime }) => runtime },
                  { title: 'dtype', value: ({ dtype }) => dtype },
                  { title: 'threads', align: 'right', value: ({ threads }) => threads },
                  { title: 'kernels', align: 'right', value: ({ kernels }) => kernels },
                  {
                    title: 'median error (%)',
                    align: 'right',
                    value: ({ medianError }) => (medianError === null ? null : 100 * medianError),
                    cell: ({ medianError }) =>
                      medianError === null ? 'not calibrated' : formatPercent(medianError),
                  },
                  { title: 'origin', value: ({ origin }) => origin },
                ]}
              />
            )}
          </>
        )}
      </WholeDocument>
    </>
  );
}
