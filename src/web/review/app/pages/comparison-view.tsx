import { useState } from 'react';
import { formatMs, formatPercent } from '../../../../base/units.ts';
import type { PageDocuments } from '../../../../report/pages/documents.ts';
import { ComparisonChart } from '../charts/comparison-chart.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { PageLink, TrialLink } from '../parts/page-link.tsx';
import { RefusalNote } from '../parts/refusal-note.tsx';
import { Section } from '../parts/section.tsx';
import { WholeDocument } from '../parts/whole-document.tsx';
import { rewriteQuery } from '../route.ts';
import { useDocument } from '../source/use-document.ts';

type Comparison = PageDocuments['comparison'];
type ComparedRun = Comparison['runs'][number];

interface ComparisonViewProps {
  readonly runs: readonly string[];
  /** Of the address. */
  readonly targetMs: number | undefined;
}

/** Runs against each other. */
export function ComparisonView({ runs, targetMs: asked }: ComparisonViewProps) {
  const loaded = useDocument({ page: 'comparison', runs });
  const [target, setTarget] = useState(asked);
  const change = (targetMs: number): void => {
    setTarget(targetMs);
    rewriteQuery('target', targetMs.toPrecision(4));
  };
  return (
    <>
      <p className="crumbs">
        <PageLink to={{ page: 'runs' }}>runs</PageLink>
      </p>
      <h1>{runs.join(', ')}</h1>
      <WholeDocument of={loaded}>
        {(page) => {
          const targetMs = target ?? page.targetsMs[0] ?? page.reference.latencyMs;
          return (
            <>
              {page.warnings.map((warning) => (
                <RefusalNote key={warning} refusal={{ where: 'warning', found: warning }} />
              ))}
              <Section
                title="Fronts"
                lead="Drag the target, or move it with the arrow keys: the best of each run under it stands below."
              >
                <ComparisonChart runs={page.runs} targetMs={targetMs} onTarget={change} />
                <BestTable runs={page.runs} targetMs={targetMs} />
              </Section>
              <Measures page={page} />
              <Coverage page={page} />
            </>
          );
        }}
      </WholeDocument>
    </>
  );
}

function BestTable({ runs, targetMs }: { readonly runs: readonly ComparedRun[]; readonly targetMs: number }) {
  const rows = runs.map(({ run, front }) => ({
    run,
    best: front.findLast(({ latencyMs }) => latencyMs <= targetMs),
  }));
  return (
    <>
      <p className="quiet">
        the most accurate network of each run within <b>{formatMs(targetMs)}</b>, as estimated
      </p>
      <DataTable
        name="best under the target"
        rows={rows}
        rowKey={({ run }) => run}
        columns={[
          {
            title: 'run',
            value: ({ run }) => run,
            cell: ({ run }) => <PageLink to={{ page: 'run', run, device: 0 }}>{run}</PageLink>,
          },
          {
            title: 'best',
            value: ({ best }) => best?.trial ?? null,
            cell: ({ run, best }) =>
              best === undefined ? 'none' : <TrialLink run={run} trial={best.trial} />,
          },
          {
            title: 'accuracy (%)',
            align: 'right',
            value: ({ best }) => (best === undefined ? null : 100 * best.accuracy),
            cell: ({ best }) => best && formatPercent(best.accuracy),
          },
          {
            title: 'estimated (ms)',
            align: 'right',
            value: ({ best }) => best?.latencyMs ?? null,
            cell: ({ best }) => best && formatMs(best.latencyMs),
          },
        ]}
      />
    </>
  );
}

function Measures({ page: { runs, reference, targetsMs } }: { readonly page: Comparison }) {
  return (
    <Section
      title="Measures"
      lead={`Hypervolume: accuracy × ms within ${formatMs(reference.latencyMs)} and above ${formatPercent(reference.accuracy)}; of all: in parts of that of all these fronts together.`}
    >
      <DataTable
        name="measures"
        rows={runs}
        rowKey={({ run }) => run}
        columns={[
          { title: 'run', value: ({ run }) => run },
          { title: 'trials', align: 'right', value: ({ trials }) => trials },
          { title: 'on the front', align: 'right', value: ({ front }) => front.length },
          {
            title: 'hypervolume',
            align: 'right',
            value: ({ hypervolume }) => hypervolume,
            cell: ({ hypervolume }) => hypervolume.toPrecision(4),
          },
          {
            title: 'of all (%)',
            align: 'right',
            value: ({ hypervolumeShare }) => 100 * hypervolumeShare,
            cell: ({ hypervolumeShare }) => formatPercent(hypervolumeShare),
          },
          ...targetsMs.map((targetMs, i) => ({
            title: `best under ${formatMs(targetMs)}`,
            value: ({ best }: ComparedRun) => best[i]?.accuracy ?? null,
            cell: ({ run, best }: ComparedRun) => {
              const found = best[i];
              if (found == null) return 'none';
              return (
                <>
                  <TrialLink run={run} trial={found.trial} /> {formatPercent(found.accuracy)},{' '}
                  {found.measuredMs === null
                    ? `${formatMs(found.latencyMs)} estimated`
                    : `${formatMs(found.measuredMs)} measured`}
                </>
              );
            },
          })),
        ]}
      />
    </Section>
  );
}

function Coverage({ page: { runs, coverage } }: { readonly page: Comparison }) {
  return (
    <Section title="Coverage" lead="The part of each front that another front matches or beats.">
      <DataTable
        name="coverage"
        rows={runs.map(({ run }, row) => ({ run, row }))}
        rowKey={({ run }) => run}
        columns={[
          { title: 'front of', value: ({ run }) => run },
          ...runs.map(({ run }, column) => ({
            title: `by ${run} (%)`,
            align: 'right' as const,
            value: ({ row }: { readonly row: number }) => {
              const part = coverage[column]?.[row] ?? null;
              return part === null ? null : 100 * part;
            },
            cell: ({ row }: { readonly row: number }) => {
              const part = coverage[column]?.[row] ?? null;
              return part === null ? '' : formatPercent(part);
            },
          })),
        ]}
      />
    </Section>
  );
}
