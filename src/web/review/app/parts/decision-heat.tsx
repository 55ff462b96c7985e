import { formatPercent } from '../../../../base/units.ts';
import type { DecisionStatistics, DecisionsPage } from '../../../../report/pages/decisions-page.ts';
import { saveCsv } from './save-file.ts';
import { ScrollBox } from './scroll-box.tsx';

/** Options of each decision, the darker the more of the trials took it; with what those came to. */
export function DecisionHeat({ page: { run, decisions } }: { readonly page: DecisionsPage }) {
  const most = Math.max(...decisions.map(({ options }) => options.length));
  return (
    <>
      <ScrollBox label={`${run} options`}>
        <table className="heat">
          <thead>
            <tr>
              <th scope="col">decision</th>
              <th scope="col" colSpan={most}>
                options: part of the trials, of them on the front (●), mean accuracy
              </th>
            </tr>
          </thead>
          <tbody>
            {decisions.map((decision) => (
              <HeatRow key={decision.name} decision={decision} columns={most} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p className="tools">
        <button
          type="button"
          aria-label={`${run} options as CSV`}
          onClick={() =>
            saveCsv(`${run} options`, [
              ['decision', 'option', 'trials', 'on_front', 'mean_accuracy', 'mean_latency_ms'],
              ...decisions.flatMap(({ name, options }) =>
                options.map(({ label, trials, onFront, accuracy, latencyMs }) => [
                  ...[name, label, trials, onFront].map(String),
                  ...[accuracy, latencyMs].map((mean) => String(mean ?? '')),
                ]),
              ),
            ])
          }
        >
          CSV
        </button>
      </p>
    </>
  );
}

function HeatRow({
  decision: { name, options },
  columns,
}: {
  readonly decision: DecisionStatistics;
  readonly columns: number;
}) {
  const all = options.reduce((sum, { trials }) => sum + trials, 0);
  return (
    <tr>
      <th scope="row">{name}</th>
      {options.map(({ label, trials, onFront, accuracy }) => {
        const share = all === 0 ? 0 : trials / all;
        return (
          <td key={label} style={{ '--share': share.toFixed(3) } as Record<string, string>}>
            <b>{label}</b> {formatPercent(share)}, {onFront} ●,{' '}
            {accuracy === null ? '–' : formatPercent(accuracy)}
          </td>
        );
      })}
      {options.length < columns && <td colSpan={columns - options.length} className="none" />}
    </tr>
  );
}
