import { useState } from 'react';
import { formatDuration, formatMs, formatPercent } from '../../../../base/units.ts';
import type { AdaptationListing } from '../../../../report/pages/adaptation-page.ts';
import type { RunListing } from '../../../../report/run-listing.ts';
import { type DataColumn, DataTable } from '../parts/data-table.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { Section } from '../parts/section.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { WholeDocument } from '../parts/whole-document.tsx';
import { addressOf } from '../route.ts';
import { useDocument } from '../source/use-document.ts';

/** The stored runs and adaptations. */
export function RunsView() {
  const loaded = useDocument({ page: 'runs' });
  return (
    <>
      <h1>Runs</h1>
      <WholeDocument of={loaded}>
        {({ runs, adaptations, database }) => (
          <>
            {runs.length === 0 ? (
              <p>
                No runs yet in <code>{database}</code>. <code>nas search --target 15ms</code> begins one; it
                shows here by itself.
              </p>
            ) : (
              <RunTable runs={runs} />
            )}
            {adaptations.length > 0 && <Adaptations adaptations={adaptations} />}
          </>
        )}
      </WholeDocument>
    </>
  );
}

function RunTable({ runs }: { readonly runs: readonly RunListing[] }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const choose = (run: string): void =>
    setChosen((before) =>
      before.includes(run) ? before.filter((other) => other !== run) : [...before, run],
    );
  const columns: readonly DataColumn<RunListing>[] = [
    {
      title: 'compare',
      value: ({ run }) => (chosen.includes(run) ? 'yes' : ''),
      cell: ({ run }) => (
        <input
          type="checkbox"
          checked={chosen.includes(run)}
          onChange={() => choose(run)}
          aria-label={`compare ${run}`}
        />
      ),
    },
    {
      title: 'run',
      value: ({ run }) => run,
      cell: ({ run }) => <PageLink to={{ page: 'run', run, device: 0 }}>{run}</PageLink>,
    },
    { title: 'state', value: ({ state }) => state, cell: ({ state }) => <StateBadge state={state} /> },
    { title: 'space', value: ({ space }) => space },
    { title: 'device', value: ({ devices }) => devices.join(', ') },
    {
      title: 'target (ms)',
      align: 'right',
      value: ({ targetMs }) => targetMs,
      cell: ({ targetsMs }) => targetsMs.join(', '),
    },
    {
      title: 'met',
      value: ({ targetMet }) => (targetMet === null ? null : targetMet ? 'yes' : 'no'),
      cell: ({ targetMet, best }) =>
        targetMet === null ? '' : targetMet ? (best?.measuredMs == null ? 'by estimate' : 'measured') : 'no',
    },
    {
      title: 'best (%)',
      align: 'right',
      value: ({ best }) => (best === null ? null : 100 * best.accuracy),
      cell: ({ run, best }) =>
        best !== null && (
          <PageLink to={{ page: 'trial', run, trial: best.trial }}>{formatPercent(best.accuracy)}</PageLink>
        ),
    },
    {
      title: 'trials',
      align: 'right',
      value: ({ trials }) => trials,
      cell: ({ trials, budget }) => (budget === null ? trials : `${trials}/${budget}`),
    },
    {
      title: 'a minute',
      align: 'right',
      value: ({ trialsPerMinute }) => trialsPerMinute,
      cell: ({ trialsPerMinute }) => trialsPerMinute?.toPrecision(2),
    },
    {
      title: 'took (s)',
      align: 'right',
      value: ({ seconds }) => seconds,
      cell: ({ seconds }) => formatDuration(seconds),
    },
    ...(runs.some(({ secondsLeft }) => secondsLeft !== null) ? [LEFT] : []),
    { title: 'strategy', value: ({ strategy }) => strategy },
    { title: 'dataset', value: ({ dataset }) => dataset },
    {
      title: 'begun (UTC)',
      value: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => createdAt.slice(0, 16).replace('T', ' '),
    },
  ];
  return (
    <>
      <DataTable name="runs" isOneLine rows={runs} columns={columns} rowKey={({ run }) => run} />
      <p>
        {chosen.length < 2 ? (
          <span className="quiet">Tick two runs or more to compare them.</span>
        ) : (
          <a className="action" href={addressOf({ page: 'comparison', runs: chosen.slice(0, 8) })}>
            compare {chosen.slice(0, 8).join(', ')}
          </a>
        )}
      </p>
    </>
  );
}

const LEFT: DataColumn<RunListing> = {
  title: 'left (s)',
  align: 'right',
  value: ({ secondsLeft }) => secondsLeft,
  cell: ({ secondsLeft }) => (secondsLeft === null ? '' : `about ${formatDuration(secondsLeft)}`),
};

function Adaptations({ adaptations }: { readonly adaptations: readonly AdaptationListing[] }) {
  const columns: readonly DataColumn<AdaptationListing>[] = [
    {
      title: 'adaptation',
      value: ({ adaptation }) => adaptation,
      cell: ({ adaptation }) => <PageLink to={{ page: 'adaptation', adaptation }}>{adaptation}</PageLink>,
    },
    { title: 'network', value: ({ network }) => network },
    {
      title: 'target',
      align: 'right',
      value: ({ targetMs }) => targetMs,
      cell: ({ targetMs }) => formatMs(targetMs),
    },
    { title: 'met', value: ({ met }) => (met === null ? 'not finished' : met ? 'yes' : 'no') },
    { title: 'begun (UTC)', value: ({ createdAt }) => createdAt.slice(0, 16).replace('T', ' ') },
  ];
  return (
    <Section title="Adaptations" lead="Networks narrowed layer by layer (NetAdapt).">
      <DataTable
        name="stored adaptations"
        rows={adaptations}
        columns={columns}
        rowKey={({ adaptation }) => adaptation}
      />
    </Section>
  );
}
