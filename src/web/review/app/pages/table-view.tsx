import { formatMs, formatPercent } from '../../../../base/units.ts';
import type { DeviceState } from '../../../../latency/device-state.ts';
import type { TablePage } from '../../../../report/pages/table-page.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { PredictionChart } from '../charts/prediction-chart.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { FactList } from '../parts/fact-list.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { Section } from '../parts/section.tsx';
import { WholeDocument } from '../parts/whole-document.tsx';
import { type Loaded, useDocument } from '../source/use-document.ts';

/** A latency table of the folder. */
export function TableView({ table }: { readonly table: string }) {
  return <LatencyTableView loaded={useDocument({ page: 'table', table })} />;
}

/** The table that a run used, as it was then. */
export function TableOfRunView({ run, device }: { readonly run: string; readonly device: number }) {
  const loaded = useDocument({ page: 'table-of-run', run, device });
  return (
    <>
      <p className="crumbs">
        <PageLink to={{ page: 'run', run, device }}>{run}</PageLink>
      </p>
      <LatencyTableView loaded={loaded} />
    </>
  );
}

function LatencyTableView({ loaded }: { readonly loaded: Loaded<TablePage> }) {
  return (
    <WholeDocument of={loaded}>
      {(page) => (
        <>
          <h1>{page.table.table}</h1>
          <Section title="Device and conditions">
            <FactList facts={page.facts} />
            <Sessions page={page} />
          </Section>
          <Section
            title="Predicted against measured"
            lead="Whole networks: those of the calibration, each predicted without it, and trials that were measured."
          >
            {page.predictions.length === 0 ? (
              <p className="quiet">No whole network was measured.</p>
            ) : (
              <Predictions page={page} />
            )}
          </Section>
          <Section
            title="Drift"
            lead="What one and the same sentinel kernel took beside each kernel, in the order of measuring."
          >
            <Drift page={page} />
          </Section>
          <Section title="Kernels">
            <Kernels page={page} />
          </Section>
        </>
      )}
    </WholeDocument>
  );
}

function Sessions({ page: { table, sessions } }: { readonly page: TablePage }) {
  if (sessions.length === 0)
    return <p className="quiet">How the device was while it was measured is not known.</p>;
  return (
    <DataTable
      name={`${table.table} sessions`}
      rows={sessions}
      rowKey={({ startedAt }) => startedAt}
      columns={[
        { title: 'from (UTC)', value: ({ startedAt }) => startedAt.slice(0, 16).replace('T', ' ') },
        { title: 'to (UTC)', value: ({ endedAt }) => endedAt.slice(0, 16).replace('T', ' ') },
        { title: 'kernels', align: 'right', value: ({ kernels }) => kernels },
        { title: 'before', value: ({ before }) => stateText(before) },
        { title: 'after', value: ({ after }) => stateText(after) },
      ]}
    />
  );
}

function stateText(state: DeviceState | null): string {
  const { battery = null, thermal = null, governors = null } = state ?? {};
  const parts = [
    ...(battery?.percent == null ? [] : [`battery ${battery.percent} %`]),
    ...(battery?.state == null ? [] : [battery.state]),
    ...(thermal?.status == null ? [] : [`thermal ${thermal.status}`]),
    ...(thermal?.hottestCelsius == null ? [] : [`${thermal.hottestCelsius.toFixed(1)} °C`]),
    ...(governors === null ? [] : [governors.join(', ')]),
  ];
  return parts.length === 0 ? 'not told' : parts.join(', ');
}

function Predictions({ page: { table, predictions } }: { readonly page: TablePage }) {
  return (
    <>
      <PredictionChart name={`${table.table} predictions`} predictions={predictions} />
      <DataTable
        name={`${table.table} whole networks`}
        rows={predictions}
        rowKey={({ name, of }) => `${of} ${name}`}
        columns={[
          { title: 'network', value: ({ name }) => name },
          { title: 'of', value: ({ of }) => of },
          {
            title: 'predicted (ms)',
            align: 'right',
            value: ({ predictedMs }) => predictedMs,
            cell: ({ predictedMs }) => formatMs(predictedMs),
          },
          {
            title: 'measured (ms)',
            align: 'right',
            value: ({ measuredMs }) => measuredMs,
            cell: ({ measuredMs }) => formatMs(measuredMs),
          },
          {
            title: 'error (%)',
            align: 'right',
            value: ({ error }) => 100 * error,
            cell: ({ error }) => `${error > 0 ? '+' : ''}${formatPercent(error)}`,
          },
        ]}
      />
    </>
  );
}

function Drift({ page: { table, drift } }: { readonly page: TablePage }) {
  if (drift.length === 0) {
    return (
      <p className="quiet">
        The samples were not kept; <code>nas profile --keep-samples</code> keeps them beside the table.
      </p>
    );
  }
  const xs = drift.map(({ position }) => position + 1);
  return (
    <div className="charts">
      <LineChart
        name={`${table.table} sentinel`}
        xLabel="kernels measured"
        yLabel="sentinel (ms)"
        format={formatMs}
        lines={[{ name: 'sentinel', xs, ys: drift.map(({ sentinelMs }) => sentinelMs) }]}
      />
      <LineChart
        name={`${table.table} disturbed samples`}
        xLabel="kernels measured"
        yLabel="disturbed (%)"
        lines={[{ name: 'disturbed', xs, ys: drift.map(({ disturbed }) => 100 * disturbed) }]}
      />
    </div>
  );
}

function Kernels({ page: { table, kernels } }: { readonly page: TablePage }) {
  return (
    <DataTable
      name={`${table.table} kernels`}
      rows={kernels}
      rowKey={({ signature }) => signature}
      columns={[
        {
          title: 'median (ms)',
          align: 'right',
          value: ({ medianMs }) => medianMs,
          cell: ({ medianMs }) => formatMs(medianMs),
        },
        {
          title: 'MAD (ms)',
          align: 'right',
          value: ({ madMs }) => madMs,
          cell: ({ madMs }) => optionalMs(madMs),
        },
        {
          title: 'p10 (ms)',
          align: 'right',
          value: ({ p10Ms }) => p10Ms,
          cell: ({ p10Ms }) => optionalMs(p10Ms),
        },
        {
          title: 'p90 (ms)',
          align: 'right',
          value: ({ p90Ms }) => p90Ms,
          cell: ({ p90Ms }) => optionalMs(p90Ms),
        },
        {
          title: 'warm (ms)',
          align: 'right',
          value: ({ warmMs }) => warmMs,
          cell: ({ warmMs }) => optionalMs(warmMs),
        },
        { title: 'samples', align: 'right', value: ({ samples }) => samples },
        { title: 'thrown away', align: 'right', value: ({ rejected }) => rejected },
        {
          title: 'kernel',
          value: ({ signature }) => signature,
          cell: ({ signature }) => <code>{signature}</code>,
        },
      ]}
    />
  );
}

function optionalMs(ms: number | null): string {
  return ms === null ? '' : formatMs(ms);
}
