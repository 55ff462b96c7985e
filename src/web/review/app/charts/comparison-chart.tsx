import { useContext } from 'react';
import { formatMs, formatPercent } from '../../../../base/units.ts';
import type { PageDocuments } from '../../../../report/pages/documents.ts';
import { addressOf } from '../route.ts';
import { SourceContext } from '../source/source.ts';
import { Chart } from './chart.tsx';
import { DraggedTarget } from './dragged-target.tsx';
import { extentOf } from './extent.ts';
import { FrontLayer, type FrontMark } from './front-layer.tsx';
import { HoverArea, MarkTip, useHovering } from './hovered-mark.tsx';

interface ComparisonChartProps {
  readonly runs: PageDocuments['comparison']['runs'];
  readonly targetMs: number;
  readonly onTarget: (targetMs: number) => void;
}

/** The fronts of some runs, and a target that can be dragged. */
export function ComparisonChart({ runs, targetMs, onTarget }: ComparisonChartProps) {
  const { has } = useContext(SourceContext);
  const hovering = useHovering();
  const series = runs.map(({ run, front }) =>
    front.map(({ trial, accuracy, latencyMs }): FrontMark => {
      const key = { page: 'trial', run, trial } as const;
      return {
        ...{ id: `${run}-${trial}`, x: latencyMs, y: 100 * accuracy },
        href: has(key) ? addressOf(key) : undefined,
        label: `${run}/${trial}: ${formatPercent(accuracy)}, ${formatMs(latencyMs)} estimated`,
        text: () => (
          <>
            <b>
              {run}/{trial}
            </b>
            <br />
            {formatPercent(accuracy)}, {formatMs(latencyMs)} estimated
          </>
        ),
      };
    }),
  );
  const marks = series.flat();
  const domain = extentOf([...marks.map(({ x }) => x), targetMs]);
  return (
    <Chart
      name={`fronts of ${runs.map(({ run }) => run).join(' ')}`}
      isInteractive
      height={380}
      x={{ label: 'estimated latency (ms)', domain }}
      y={{ label: 'accuracy (%)', domain: extentOf(marks.map(({ y }) => y)) }}
      records={() => [
        ['run', 'trial', 'accuracy', 'latency_ms'],
        ...runs.flatMap(({ run, front }) =>
          front.map(({ trial, accuracy, latencyMs }) => [run, trial, accuracy, latencyMs].map(String)),
        ),
      ]}
      aside={
        <div className="legend">
          {runs.map(({ run }, i) => (
            <span key={run} className={`key key-series series-${i}`}>
              {run}
            </span>
          ))}
        </div>
      }
      overlay={(scales) => <MarkTip mark={hovering.mark} scales={scales} />}
    >
      {(scales) => (
        <>
          <HoverArea marks={marks} scales={scales} hovering={hovering} />
          {series.map((points, i) => (
            <FrontLayer key={runs[i]?.run} points={points} scales={scales} hovering={hovering} series={i} />
          ))}
          <DraggedTarget targetMs={targetMs} domain={domain} scales={scales} onTarget={onTarget} />
        </>
      )}
    </Chart>
  );
}
