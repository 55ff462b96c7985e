import { formatCount, formatMs, formatPercent } from '../../../../base/units.ts';
import type { TrialPage } from '../../../../report/pages/trial-page.ts';
import { errorText } from '../charts/accuracy-text.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { BlockDiagram } from '../parts/block-diagram.tsx';
import { CommandList } from '../parts/command-list.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { DecisionCosts } from '../parts/decision-costs.tsx';
import { type Figure, FigureRow } from '../parts/figure-row.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { Section } from '../parts/section.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { WholeDocument } from '../parts/whole-document.tsx';
import { useDocument } from '../source/use-document.ts';

interface TrialViewProps {
  readonly run: string;
  readonly trial: number;
}

/** One network of a run. */
export function TrialView({ run, trial }: TrialViewProps) {
  const loaded = useDocument({ page: 'trial', run, trial });
  return (
    <WholeDocument of={loaded}>
      {(page) => (
        <>
          <p className="crumbs">
            <PageLink to={{ page: 'run', run, device: 0 }}>{run}</PageLink>
          </p>
          <h1>
            {page.reference} <StateBadge state={page.trial.state} />
          </h1>
          <Outcome page={page} />
          <Section title="Commands">
            <CommandList commands={page.next} />
          </Section>
          <Section
            title="Network"
            lead={`Where its ${formatMs(page.explanation.latencyMs)} and its ${formatCount(page.explanation.macs)} multiply-accumulates go, layer by layer, on ${page.explanation.device} (${page.explanation.runtime}).`}
          >
            <BlockDiagram name={page.reference} diagram={page.diagram} />
          </Section>
          <Kernels page={page} />
          <Epochs page={page} />
          <Section title="Decisions">
            <p>
              genotype <code>[{page.trial.genotype.join(', ')}]</code>
              {page.trial.architecture !== undefined && (
                <>
                  , digest of its ops <code>{page.trial.architecture.slice(0, 12)}</code>
                </>
              )}
            </p>
            <DecisionCosts
              reference={page.reference}
              choices={page.trial.choices}
              decisions={page.explanation.decisions}
            />
          </Section>
        </>
      )}
    </WholeDocument>
  );
}

function Outcome({
  page: { trial, devices, intervalMs, validationImages, diagram, notes },
}: {
  readonly page: TrialPage;
}) {
  const latencies = trial.latenciesMs ?? [trial.latencyMs];
  const figures: readonly Figure[] = [
    ...(trial.state === 'completed'
      ? [
          {
            name: 'accuracy of the proxy',
            value: formatPercent(trial.accuracy),
            note:
              validationImages === null
                ? undefined
                : `${errorText(trial.accuracy, validationImages)} (1 standard error)`,
          },
        ]
      : []),
    ...latencies.flatMap((latencyMs, device): Figure[] => {
      const own = trial.measurements.find((measurement) => (measurement.device ?? 0) === device);
      return [
        {
          name: `estimated latency${devices.length > 1 ? ` on ${devices[device]}` : ''}`,
          value: formatMs(latencyMs),
          note:
            device === 0 && intervalMs !== null
              ? `nine of ten within ${intervalMs.map(formatMs).join(' to ')}`
              : undefined,
        },
        ...(own === undefined
          ? []
          : [
              {
                name: 'measured as a whole',
                value: formatMs(own.medianMs),
                note: `± ${formatMs(own.madMs)}, ${own.samples} samples`,
              },
            ]),
      ];
    }),
    { name: 'multiply-accumulates', value: formatCount(diagram.macs), note: 'one image, as deployed' },
    { name: 'params', value: formatCount(diagram.params) },
    ...(trial.state === 'completed'
      ? [{ name: 'training', value: `${trial.cpuSeconds.toFixed(1)} s`, note: 'of processor time' }]
      : []),
  ];
  return (
    <>
      {trial.state !== 'completed' && (
        <p className="refusal">{trial.state === 'failed' ? trial.error : trial.reason}</p>
      )}
      <FigureRow figures={figures} />
      {notes.length > 0 && <p className="quiet">{notes.join('; ')}</p>}
      {trial.circumstances !== null && (
        <p className="quiet">
          {trial.circumstances.trainer}, {trial.circumstances.startedAt.slice(0, 19).replace('T', ' ')} to{' '}
          {trial.circumstances.finishedAt.slice(11, 19)} UTC
          {trial.state === 'completed' && trial.note !== undefined && `; ${trial.note}`}
        </p>
      )}
      {trial.failures.map(({ attempt, error }) => (
        <p key={attempt} className="refusal">
          attempt {attempt} failed: {error}
        </p>
      ))}
    </>
  );
}

function Kernels({ page: { reference, trial, explanation } }: { readonly page: TrialPage }) {
  return (
    <Section title="Kernels" lead="Those of one kind together, the most time first.">
      <DataTable
        name={`${reference} kernels`}
        rows={trial.kernels}
        rowKey={({ signature }) => signature}
        columns={[
          { title: 'count', align: 'right', value: ({ count }) => count },
          { title: 'time (ms)', align: 'right', value: ({ ms }) => ms, cell: ({ ms }) => formatMs(ms) },
          {
            title: 'share (%)',
            align: 'right',
            value: ({ ms }) => (100 * ms) / (explanation.latencyMs || 1),
            cell: ({ ms }) => formatPercent(ms / (explanation.latencyMs || 1)),
          },
          { title: 'MACs', align: 'right', value: ({ macs }) => macs, cell: ({ macs }) => formatCount(macs) },
          {
            title: 'kernel',
            value: ({ signature }) => signature,
            cell: ({ signature }) => <code>{signature}</code>,
          },
        ]}
      />
    </Section>
  );
}

function Epochs({ page: { reference, trial } }: { readonly page: TrialPage }) {
  const rungs = trial.state === 'infeasible' ? [] : (trial.rungs ?? []);
  const trainings = [
    ...rungs.map(({ rung, epochs }) => ({ name: `rung ${rung}`, epochs })),
    ...(trial.state === 'completed' && trial.epochs.length > 0
      ? [{ name: 'full training', epochs: trial.epochs }]
      : []),
  ].filter(({ epochs }) => epochs.length > 0);
  if (trainings.length === 0) return null;
  if (trainings.every(({ epochs }) => epochs.length === 1)) {
    return (
      <Section title="Training">
        <ul className="plain">
          {trainings.map(({ name, epochs }) => (
            <li key={name}>
              {name}: one epoch, training loss {epochs[0]?.trainLoss.toFixed(3)}, validation accuracy{' '}
              {formatPercent(epochs[0]?.validationAccuracy ?? 0)}
            </li>
          ))}
        </ul>
      </Section>
    );
  }
  const lines = (of: 'trainLoss' | 'validationAccuracy', scale: number) =>
    trainings.map(({ name, epochs }) => ({
      name,
      xs: epochs.map(({ epoch }) => epoch),
      ys: epochs.map((report) => scale * report[of]),
    }));
  return (
    <Section title="Training">
      <div className="charts">
        <LineChart
          name={`${reference} training loss`}
          xLabel="epoch"
          yLabel="loss"
          lines={lines('trainLoss', 1)}
          withDots
        />
        <LineChart
          name={`${reference} validation accuracy`}
          xLabel="epoch"
          yLabel="accuracy (%)"
          lines={lines('validationAccuracy', 100)}
          withDots
        />
      </div>
    </Section>
  );
}
