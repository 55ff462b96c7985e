import { useContext, useMemo, useState } from 'react';
import { formatMs, formatPercent } from '../../../../base/units.ts';
import type { ReferencePoint } from '../../../../report/pages/references-page.ts';
import type { RunPage } from '../../../../report/pages/run-page.ts';
import { accuracyStandardError } from '../../../../report/standard-error.ts';
import { addressOf } from '../route.ts';
import { SourceContext } from '../source/source.ts';
import { accuracyText } from './accuracy-text.ts';
import { Chart, type Scales } from './chart.tsx';
import { Dots } from './dots.tsx';
import { extentOf } from './extent.ts';
import { FrontLayer, type FrontMark } from './front-layer.tsx';
import { HoverArea, type Mark, MarkTip, useHovering } from './hovered-mark.tsx';
import { labelPlaces } from './label-places.ts';
import { TargetLines } from './target-lines.tsx';

interface FrontChartProps {
  readonly page: RunPage;
  /** Empty until they are known. */
  readonly references: readonly ReferencePoint[];
}

/** What may be drawn beside the trials, and whether it is at first. */
const KINDS = {
  trial: { text: 'references of the space', isShown: true },
  none: { text: 'references without accuracy', isShown: true },
  training: { text: 'trained in full here', isShown: false },
  published: { text: 'published top-1 on ImageNet', isShown: false },
} as const satisfies Record<ReferencePoint['kind'], unknown>;

/** Accuracy over latency: the front, all trials, the targets, what was measured, and known networks. */
export function FrontChart({ page, references }: FrontChartProps) {
  const { run, front, cloud, measured, validationImages } = page;
  const { has } = useContext(SourceContext);
  const hovering = useHovering();
  const [shownKinds, setShownKinds] = useState<ReadonlySet<string>>(
    new Set(Object.entries(KINDS).flatMap(([kind, { isShown }]) => (isShown ? [kind] : []))),
  );
  const kinds = (Object.keys(KINDS) as ReferencePoint['kind'][]).filter((kind) =>
    references.some((point) => point.kind === kind),
  );
  const known = references.filter(({ kind }) => shownKinds.has(kind));
  const addressOfTrial = (trial: number): string | undefined => {
    const key = { page: 'trial', run: run.run, trial } as const;
    return has(key) ? addressOf(key) : undefined;
  };
  const frontMarks = useMemo(
    () =>
      front.map(({ trial, accuracy, latencyMs }): FrontMark => {
        const own = measured.find((found) => found.trial === trial);
        const figures = `${accuracyText(accuracy, validationImages)}, ${formatMs(latencyMs)} estimated`;
        return {
          ...{ id: `trial-${trial}`, x: latencyMs, y: 100 * accuracy, href: addressOfTrial(trial) },
          label: `trial ${trial} of the front: ${figures}`,
          text: () => (
            <>
              <b>
                {run.run}/{trial}
              </b>
              , on the front
              <br />
              {accuracyText(accuracy, validationImages)}
              <br />
              {formatMs(latencyMs)} estimated
              {own !== undefined && (
                <>
                  <br />
                  {formatMs(own.medianMs)} ± {formatMs(own.madMs)} measured
                </>
              )}
            </>
          ),
        };
      }),
    [page],
  );
  const cloudMarks = useMemo(
    () =>
      cloud.trial.map((trial, i): Mark => {
        const [accuracy, latencyMs] = [cloud.accuracy[i] ?? 0, cloud.latencyMs[i] ?? 0];
        return {
          ...{ id: `cloud-${trial}`, x: latencyMs, y: 100 * accuracy, address: () => addressOfTrial(trial) },
          text: () => (
            <>
              <b>
                {run.run}/{trial}
              </b>
              <br />
              {accuracyText(accuracy, validationImages)}
              <br />
              {formatMs(latencyMs)} estimated
            </>
          ),
        };
      }),
    [page],
  );
  const referenceMarks = known.map(
    (point): Mark => ({
      id: `reference-${point.kind}-${point.name}`,
      x: point.latencyMs,
      y: 100 * (point.accuracy ?? 0),
      text: () => (
        <>
          <b>{point.name}</b>
          <br />
          {point.accuracy !== null && `${formatPercent(point.accuracy)}, `}
          {formatMs(point.latencyMs)} estimated
          <br />
          {point.note}
        </>
      ),
    }),
  );
  const latencies = [...cloud.latencyMs, ...run.targetsMs, ...known.map(({ latencyMs }) => latencyMs)];
  const accuracies = [
    ...cloud.accuracy,
    ...known.flatMap(({ accuracy }) => (accuracy === null ? [] : [accuracy])),
  ].map((accuracy) => 100 * accuracy);

  return (
    <Chart
      name={`${run.run} accuracy against latency`}
      isInteractive
      height={400}
      x={{
        label: `estimated latency on ${run.devices[page.device] ?? 'unknown'} (ms)`,
        domain: extentOf(latencies),
      }}
      y={{ label: 'accuracy (%)', domain: extentOf(accuracies) }}
      records={() => [
        ['trial', 'accuracy', 'latency_ms', 'measured_ms', 'on_front'],
        ...cloud.trial.map((trial, i) => [
          String(trial),
          String(cloud.accuracy[i]),
          String(cloud.latencyMs[i]),
          String(measured.find((found) => found.trial === trial)?.medianMs ?? ''),
          String(front.some((point) => point.trial === trial)),
        ]),
      ]}
      aside={
        <div className="legend">
          <span className="key key-front">front</span>
          <span className="key key-cloud">other trials</span>
          {measured.length > 0 && <span className="key key-measured">measured as a whole</span>}
          {kinds.map((kind) => (
            <label key={kind} className={`key key-${kind}`}>
              <input
                type="checkbox"
                checked={shownKinds.has(kind)}
                onChange={() =>
                  setShownKinds((before) => {
                    const after = new Set(before);
                    if (!after.delete(kind)) after.add(kind);
                    return after;
                  })
                }
              />
              {KINDS[kind].text}
            </label>
          ))}
        </div>
      }
      overlay={(scales) => <MarkTip mark={hovering.mark} scales={scales} />}
    >
      {(scales) => (
        <>
          <Dots points={cloudMarks} scales={scales} className="cloud" />
          <TargetLines targetsMs={run.targetsMs} scales={scales} />
          <ErrorBars page={page} scales={scales} />
          <HoverArea
            marks={[...referenceMarks, ...frontMarks, ...cloudMarks]}
            scales={scales}
            hovering={hovering}
          />
          <FrontLayer points={frontMarks} scales={scales} hovering={hovering} series={0} />
          <References points={known} scales={scales} />
        </>
      )}
    </Chart>
  );
}

/** One standard error of accuracies, by their images; and from an estimate to what was measured, with its spread. */
function ErrorBars({
  page: { front, measured, validationImages, cloud },
  scales,
}: {
  readonly page: RunPage;
  readonly scales: Scales;
}) {
  const accuracyOf = new Map(cloud.trial.map((trial, i) => [trial, cloud.accuracy[i] ?? 0]));
  for (const { trial, accuracy } of front) accuracyOf.set(trial, accuracy);
  const latencyOf = new Map(cloud.trial.map((trial, i) => [trial, cloud.latencyMs[i] ?? 0]));
  for (const { trial, latencyMs } of front) latencyOf.set(trial, latencyMs);
  return (
    <g className="error-bars">
      {validationImages !== null &&
        front.map(({ trial, accuracy, latencyMs }) => {
          const error = accuracyStandardError(accuracy, validationImages);
          const x = scales.x(latencyMs);
          return (
            <line
              key={trial}
              x1={x}
              x2={x}
              y1={scales.y(100 * (accuracy - error))}
              y2={scales.y(100 * (accuracy + error))}
            />
          );
        })}
      {measured.map(({ trial, medianMs, madMs }) => {
        const [accuracy, latencyMs] = [accuracyOf.get(trial), latencyOf.get(trial)];
        if (accuracy === undefined || latencyMs === undefined) return null;
        const y = scales.y(100 * accuracy);
        return (
          <g key={`measured ${trial}`} className="measured">
            <line x1={scales.x(latencyMs)} x2={scales.x(medianMs)} y1={y} y2={y} className="shift" />
            <line x1={scales.x(medianMs - madMs)} x2={scales.x(medianMs + madMs)} y1={y} y2={y} />
            <circle cx={scales.x(medianMs)} cy={y} r={5} />
          </g>
        );
      })}
    </g>
  );
}

interface ReferencesProps {
  readonly points: readonly ReferencePoint[];
  readonly scales: Scales;
}

/** Known networks with their names; those without an accuracy as ticks at the upper edge. */
function References({ points, scales }: ReferencesProps) {
  const places = labelPlaces(
    points.map(({ name, latencyMs, accuracy }) => {
      const x = scales.x(latencyMs);
      const isRight = x > scales.width - 110;
      return {
        text: name,
        x: x + (isRight ? -8 : 8),
        y: accuracy === null ? 10 : scales.y(100 * accuracy) + 4,
        anchor: isRight ? 'end' : 'start',
      };
    }),
  );
  return (
    <g className="references">
      {points.map(({ name, kind, latencyMs, accuracy }, i) => {
        const x = scales.x(latencyMs);
        const label = places[i];
        return (
          <g key={`${kind} ${name}`} className={`reference-${kind}`}>
            {accuracy === null ? (
              <line x1={x} x2={x} y1={0} y2={8} />
            ) : (
              <path d={`M${x} ${scales.y(100 * accuracy) - 5}l5 5l-5 5l-5 -5z`} />
            )}
            <text x={label?.x} y={label?.y} textAnchor={label?.anchor}>
              {name}
            </text>
          </g>
        );
      })}
    </g>
  );
}
