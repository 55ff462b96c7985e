import { LinePath } from '@visx/shape';
import { useMemo } from 'react';
import { formatCount, formatMs, formatPercent } from '../../../../base/units.ts';
import type { AdaptationEnd } from '../../../../report/adaptation-report.ts';
import type {
  AdaptationPage,
  AdaptationStepPage,
  TriedProposal,
} from '../../../../report/pages/adaptation-page.ts';
import { Chart } from '../charts/chart.tsx';
import { Dots } from '../charts/dots.tsx';
import { extentOf } from '../charts/extent.ts';
import { HoverArea, type Mark, MarkTip, useHovering } from '../charts/hovered-mark.tsx';
import { TargetLines } from '../charts/target-lines.tsx';
import { CommandList } from '../parts/command-list.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { type Figure, FigureRow } from '../parts/figure-row.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { Section } from '../parts/section.tsx';
import { WholeDocument } from '../parts/whole-document.tsx';
import { useDocument } from '../source/use-document.ts';

/** A NetAdapt run: latency against accuracy step by step, and which layer was cut. */
export function AdaptationView({ adaptation }: { readonly adaptation: string }) {
  const loaded = useDocument({ page: 'adaptation', adaptation });
  return (
    <WholeDocument of={loaded}>
      {(page) => (
        <>
          <p className="crumbs">
            <PageLink to={{ page: 'runs' }}>runs</PageLink>
          </p>
          <h1>
            {adaptation} <span className="quiet">{page.adaptation.network}</span>
          </h1>
          <FigureRow figures={figuresOf(page)} />
          <Section title="Steps" lead="Each step tries to narrow every layer and keeps the best proposal.">
            {page.steps.length === 0 ? <p className="quiet">No step yet.</p> : <StepsChart page={page} />}
            <StepsTable page={page} />
          </Section>
          <Widths page={page} />
          {page.next.length > 0 && (
            <Section title="Next">
              <CommandList commands={page.next} />
            </Section>
          )}
        </>
      )}
    </WholeDocument>
  );
}

function figuresOf({ adaptation: { targetMs, met }, before, after }: AdaptationPage): readonly Figure[] {
  const end = (
    name: string,
    { latencyMs, measuredMs, accuracy, testAccuracy, macs, params }: AdaptationEnd,
  ): Figure => ({
    name,
    value: formatPercent(accuracy),
    note: [
      measuredMs === null ? `${formatMs(latencyMs)} estimated` : `${formatMs(measuredMs)} measured`,
      `${formatCount(macs)} MACs`,
      `${formatCount(params)} params`,
      ...(testAccuracy === null ? [] : [`${formatPercent(testAccuracy)} of test images`]),
    ].join(', '),
  });
  return [
    {
      name: 'target',
      value: formatMs(targetMs),
      note: met === null ? 'not finished' : met ? 'met' : 'missed',
    },
    ...(before === null ? [] : [end('before', before)]),
    ...(after === null ? [] : [end('after', after)]),
  ];
}

function StepsChart({ page: { adaptation, steps, before } }: { readonly page: AdaptationPage }) {
  const hovering = useHovering();
  const tried = useMemo(() => steps.flatMap(marksOfStep), [steps]);
  const path = [
    ...(before === null ? [] : [{ x: before.latencyMs, y: 100 * before.accuracy }]),
    ...tried.filter(({ isChosen }) => isChosen),
  ];
  return (
    <Chart
      name={`${adaptation.adaptation} latency against accuracy`}
      height={340}
      x={{
        label: 'estimated latency (ms)',
        domain: extentOf([...tried, ...path].map(({ x }) => x).concat(adaptation.targetMs)),
      }}
      y={{ label: 'accuracy (%)', domain: extentOf([...tried, ...path].map(({ y }) => y)) }}
      records={() => [
        ['step', 'layer', 'from', 'to', 'latency_ms', 'accuracy', 'taken'],
        ...steps.flatMap(({ step, proposals }) =>
          proposals.map(({ layer, from, to, latencyMs, accuracy, isChosen }) =>
            [step + 1, layer, from, to, latencyMs, accuracy ?? '', isChosen].map(String),
          ),
        ),
      ]}
      aside={
        <div className="legend">
          <span className="key key-front">taken</span>
          <span className="key key-cloud">other proposals</span>
        </div>
      }
      overlay={(scales) => <MarkTip mark={hovering.mark} scales={scales} />}
    >
      {(scales) => (
        <g className="series-0">
          <Dots points={tried} scales={scales} className="cloud" />
          <TargetLines targetsMs={[adaptation.targetMs]} scales={scales} />
          <LinePath
            data={[...path]}
            x={({ x }) => scales.x(x)}
            y={({ y }) => scales.y(y)}
            className="front-line"
            stroke=""
            fill=""
          />
          {path.map(({ x, y }) => (
            <circle key={`${x} ${y}`} cx={scales.x(x)} cy={scales.y(y)} r={4} className="front-dot" />
          ))}
          <HoverArea marks={tried} scales={scales} hovering={hovering} />
        </g>
      )}
    </Chart>
  );
}

/** A mark for each proposal that was fine-tuned. */
function marksOfStep({ step, proposals }: AdaptationStepPage): (Mark & { readonly isChosen: boolean })[] {
  return proposals.flatMap((proposal, place) => {
    const { accuracy, latencyMs, isChosen } = proposal;
    if (accuracy === null) return [];
    return [
      {
        ...{ id: `${step} ${place}`, x: latencyMs, y: 100 * accuracy, isChosen },
        text: () => (
          <>
            <b>step {step + 1}</b>
            {isChosen && ', taken'}
            <br />
            {cutText(proposal)}
            <br />
            {formatPercent(accuracy)}, {formatMs(latencyMs)}
          </>
        ),
      },
    ];
  });
}

function StepsTable({ page: { adaptation, steps } }: { readonly page: AdaptationPage }) {
  const chosen = (step: AdaptationStepPage): TriedProposal | undefined =>
    step.proposals.find(({ isChosen }) => isChosen);
  return (
    <DataTable
      name={`${adaptation.adaptation} steps`}
      rows={steps}
      rowKey={({ step }) => step}
      columns={[
        { title: 'step', align: 'right', value: ({ step }) => step + 1 },
        { title: 'layer that was cut', value: (step) => chosen(step)?.layer ?? 'not decided' },
        {
          title: 'channels',
          value: (step) => {
            const proposal = chosen(step);
            return proposal === undefined ? '' : `${proposal.from} → ${proposal.to}`;
          },
        },
        {
          title: 'latency (ms)',
          align: 'right',
          value: (step) => chosen(step)?.latencyMs ?? null,
          cell: (step) => {
            const proposal = chosen(step);
            return proposal && `${proposal.interpolated > 0 ? '~' : ''}${formatMs(proposal.latencyMs)}`;
          },
        },
        {
          title: 'accuracy (%)',
          align: 'right',
          value: (step) => {
            const accuracy = chosen(step)?.accuracy ?? null;
            return accuracy === null ? null : Number((100 * accuracy).toFixed(2));
          },
        },
        { title: 'proposals', align: 'right', value: ({ proposals }) => proposals.length },
        {
          title: 'failed',
          align: 'right',
          value: ({ proposals }) => proposals.filter(({ error }) => error !== null).length,
        },
        {
          title: 'had to cut (ms)',
          align: 'right',
          value: ({ cutMs }) => cutMs,
          cell: ({ cutMs }) => formatMs(cutMs),
        },
      ]}
    />
  );
}

function Widths({ page: { adaptation, layers } }: { readonly page: AdaptationPage }) {
  const rows = Object.entries(layers).map(([layer, part]) => ({ layer, part }));
  if (rows.length === 0) return null;
  return (
    <Section title="Widths" lead="The part of its channels that each narrower layer has left.">
      <DataTable
        name={`${adaptation.adaptation} widths`}
        rows={rows}
        rowKey={({ layer }) => layer}
        columns={[
          { title: 'layer', value: ({ layer }) => layer },
          { title: 'left (%)', align: 'right', value: ({ part }) => Number((100 * part).toFixed(1)) },
        ]}
      />
    </Section>
  );
}

function cutText({ layer, from, to }: TriedProposal): string {
  return `${layer}: ${from} → ${to} channels`;
}
