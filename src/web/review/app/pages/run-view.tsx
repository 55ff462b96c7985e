import { useContext } from 'react';
import { formatCount, formatDuration, formatMs, formatPercent } from '../../../../base/units.ts';
import type { FrontPoint } from '../../../../report/front-document.ts';
import type { BestUnder, RunPage } from '../../../../report/pages/run-page.ts';
import { accuracyText } from '../charts/accuracy-text.ts';
import { FrontChart } from '../charts/front-chart.tsx';
import { LineChart } from '../charts/line-chart.tsx';
import { ParallelCoordinates } from '../charts/parallel-coordinates.tsx';
import { CommandList } from '../parts/command-list.tsx';
import { type DataColumn, DataTable } from '../parts/data-table.tsx';
import { DecisionHeat } from '../parts/decision-heat.tsx';
import { FactList } from '../parts/fact-list.tsx';
import { type Figure, FigureRow } from '../parts/figure-row.tsx';
import { PageLink, TrialLink } from '../parts/page-link.tsx';
import { Section } from '../parts/section.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { TroubleTable } from '../parts/trouble-table.tsx';
import { WholeDocument } from '../parts/whole-document.tsx';
import { SourceContext } from '../source/source.ts';
import { useDocument } from '../source/use-document.ts';

interface RunViewProps {
  readonly run: string;
  readonly device: number;
}

/** Everything of a run. */
export function RunView({ run, device }: RunViewProps) {
  const loaded = useDocument({ page: 'run', run, device });
  const references = useDocument({ page: 'references', run, device });
  return (
    <WholeDocument of={loaded}>
      {(page) => (
        <>
          <Head page={page} />
          <Section title="Front" lead={page.notes.join('; ')}>
            <FrontChart page={page} references={references.document?.points ?? []} />
            <FrontTable page={page} />
            <UnknownReferences names={references.document?.unknown ?? []} />
          </Section>
          <Course page={page} />
          <Decisions run={run} device={device} />
          <TroubleTable run={run} trouble={page.trouble} />
          <Story page={page} />
        </>
      )}
    </WholeDocument>
  );
}

function Head({ page: { run, best, device } }: { readonly page: RunPage }) {
  const { report } = useContext(SourceContext);
  const figures: readonly Figure[] = [
    ...best.map((under) => bestFigure(run.run, under, best.length > 1)),
    {
      name: 'trials',
      value: run.budget === null ? run.trials : `${run.trials} / ${run.budget}`,
      note: run.trialsPerMinute === null ? undefined : `${run.trialsPerMinute.toPrecision(2)} a minute`,
    },
    {
      name: 'time',
      value: formatDuration(run.seconds),
      note: run.secondsLeft === null ? undefined : `about ${formatDuration(run.secondsLeft)} left`,
    },
    { name: 'strategy', value: run.strategy ?? 'unknown', note: `seed ${run.seed}` },
    { name: 'dataset', value: run.dataset ?? 'unknown', note: `trainer ${run.trainer}` },
  ];
  return (
    <>
      <h1>
        {run.run} <span className="quiet">{run.space}</span> <StateBadge state={run.state} />
      </h1>
      {run.budget !== null && run.state === 'running' && (
        <progress value={run.trials} max={run.budget} aria-label={`${run.trials} of ${run.budget} trials`} />
      )}
      {run.devices.length > 1 && (
        <nav aria-label="Devices" className="devices">
          {run.devices.map((name, index) =>
            index === device ? (
              <b key={name}>{name}</b>
            ) : (
              <PageLink key={name} to={{ page: 'run', run: run.run, device: index }}>
                {name}
              </PageLink>
            ),
          )}
        </nav>
      )}
      <FigureRow figures={figures} />
      {report === undefined && run.state === 'running' && (
        <p className="quiet">The page follows the search as it stores trials.</p>
      )}
    </>
  );
}

function bestFigure(run: string, { targetMs, best }: BestUnder, isOneOfSeveral: boolean): Figure {
  const name = `best under ${formatMs(targetMs)}`;
  if (best === null)
    return { name, value: 'none', note: isOneOfSeveral ? 'of this target' : 'target not met' };
  return {
    name,
    value: formatPercent(best.accuracy),
    note: (
      <>
        <TrialLink run={run} trial={best.trial} />,{' '}
        {best.measuredMs === null
          ? `${formatMs(best.latencyMs)} estimated`
          : `${formatMs(best.measuredMs)} measured`}
      </>
    ),
  };
}

function UnknownReferences({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <details>
      <summary className="quiet">{names.length} known networks have no place here</summary>
      <p className="quiet">The run's latency table lacks kernels of {names.join(', ')}.</p>
    </details>
  );
}

function FrontTable({
  page: { run, front, measured, retrained, validationImages },
}: {
  readonly page: RunPage;
}) {
  const measuredOf = (trial: number): number | null =>
    measured.find((found) => found.trial === trial)?.medianMs ?? null;
  const columns: readonly DataColumn<FrontPoint>[] = [
    {
      title: 'trial',
      value: ({ trial }) => trial,
      cell: ({ trial }) => <TrialLink run={run.run} trial={trial} />,
    },
    {
      title: 'accuracy (%)',
      align: 'right',
      value: ({ accuracy }) => 100 * accuracy,
      cell: ({ accuracy }) => accuracyText(accuracy, validationImages),
    },
    {
      title: 'estimated (ms)',
      align: 'right',
      value: ({ latencyMs }) => latencyMs,
      cell: ({ latencyMs }) => formatMs(latencyMs),
    },
    {
      title: 'measured (ms)',
      align: 'right',
      value: ({ trial }) => measuredOf(trial),
      cell: ({ trial }) => {
        const found = measured.find((measurement) => measurement.trial === trial);
        return found === undefined ? '' : `${formatMs(found.medianMs)} ± ${formatMs(found.madMs)}`;
      },
    },
    { title: 'MACs', align: 'right', value: ({ macs }) => macs, cell: ({ macs }) => formatCount(macs) },
    {
      title: 'params',
      align: 'right',
      value: ({ params }) => params,
      cell: ({ params }) => formatCount(params),
    },
    ...(retrained.length === 0
      ? []
      : [
          {
            title: 'trained once more (%)',
            align: 'right' as const,
            value: ({ trial }: FrontPoint) => {
              const found = retrained.find((retraining) => retraining.trial === trial);
              return found === undefined ? null : Number((100 * found.accuracy).toFixed(2));
            },
          },
        ]),
  ];
  return <DataTable name={`${run.run} front`} rows={front} columns={columns} rowKey={({ trial }) => trial} />;
}

function Course({ page: { run, course, diagnostics } }: { readonly page: RunPage }) {
  if (course.length === 0) return null;
  const trials = course.map((point) => point.trials);
  return (
    <Section title="Progress" lead="Over the completed trials, in the order in which they were asked for.">
      <div className="charts">
        {run.targetsMs.length > 0 && course[0]?.rewards.length !== 0 && (
          <LineChart
            name={`${run.run} best reward`}
            xLabel="completed trials"
            yLabel="best reward so far"
            isStepped
            lines={run.targetsMs.map((targetMs, i) => ({
              name: `target ${formatMs(targetMs)}`,
              xs: trials,
              ys: course.map(({ rewards }) => rewards[i] ?? 0),
            }))}
          />
        )}
        <LineChart
          name={`${run.run} hypervolume`}
          xLabel="completed trials"
          yLabel="part of the final one (%)"
          isStepped
          lines={[
            { name: 'hypervolume', xs: trials, ys: course.map(({ hypervolume }) => 100 * hypervolume) },
          ]}
        />
        {diagnostics.map(({ name, positions, values }) => (
          <LineChart
            key={name}
            name={`${run.run} ${name}`}
            xLabel="results learned"
            yLabel={name}
            lines={[{ name, xs: positions.map((position) => position + 1), ys: values }]}
          />
        ))}
      </div>
      {diagnostics.length > 0 && (
        <p className="quiet">What the strategy told of itself, below its results.</p>
      )}
    </Section>
  );
}

function Decisions({ run, device }: RunViewProps) {
  const loaded = useDocument({ page: 'decisions', run, device });
  return (
    <Section title="Decisions" lead="What the completed trials chose, and what came of it.">
      <WholeDocument of={loaded}>
        {(page) =>
          page.lines.length === 0 ? (
            <p className="quiet">No completed trial yet.</p>
          ) : (
            <>
              <DecisionHeat page={page} />
              <ParallelCoordinates page={page} />
            </>
          )
        }
      </WholeDocument>
    </Section>
  );
}

function Story({ page: { run, facts, deviceNotes, events, next } }: { readonly page: RunPage }) {
  return (
    <>
      <Section title="Next">
        <CommandList commands={next} />
      </Section>
      <Section title="About the run">
        <ul className="plain">
          {deviceNotes.map((note) => (
            <li key={note}>{note}</li>
          ))}
          <li>
            <PageLink to={{ page: 'table-of-run', run: run.run, device: 0 }}>
              latency table of the run
            </PageLink>
          </li>
        </ul>
        <FactList facts={facts} />
        {events.length > 0 && (
          <DataTable
            name={`${run.run} events`}
            rows={events.map((event, index) => ({ ...event, index }))}
            rowKey={({ index }) => index}
            columns={[
              { title: 'time (UTC)', value: ({ at }) => at.slice(0, 19).replace('T', ' ') },
              { title: 'event', value: ({ kind }) => kind },
              { title: 'message', value: ({ message }) => message },
            ]}
          />
        )}
      </Section>
    </>
  );
}
