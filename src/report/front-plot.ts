import plot from 'simple-ascii-chart';
import { type ParetoPoint, paretoFront } from '../objective/pareto.ts';

const FRONT = '●';
const DOMINATED = '·';

/**
 * Accuracy in percent over latency in milliseconds as a text plot: the front (●), the dominated points (·), and
 * the target as a vertical line. Empty where there is nothing to plot.
 */
export function frontPlot(
  points: readonly ParetoPoint[],
  targetMs: number | undefined,
  size: { readonly width: number; readonly height: number },
): string {
  if (points.length === 0) return '';
  const place = ({ latencyMs, accuracy }: ParetoPoint): [number, number] => [
    round(latencyMs),
    round(100 * accuracy),
  ];
  const front = new Set(paretoFront(points).map((point) => place(point).join()));
  const places = points.map(place);
  return plot(places, {
    ...size,
    mode: 'point',
    title: `${FRONT} front  ${DOMINATED} dominated${targetMs === undefined ? '' : '  │ target'}`,
    xLabel: 'latency in ms',
    yLabel: '%',
    lineFormatter: ({ plotX, plotY, x, y }) => ({
      x: plotX,
      y: plotY,
      symbol: front.has([x, y].join()) ? FRONT : DOMINATED,
    }),
    customXAxisTicks: ticks(places.map(([x]) => x).concat(targetMs ?? [])),
    customYAxisTicks: ticks(places.map(([, y]) => y)),
    ...(targetMs === undefined ? {} : { thresholds: [{ x: round(targetMs) }] }),
    symbols: { thresholds: { x: '│', y: '│' } },
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** About five round numbers over the range of some values. */
function ticks(values: readonly number[]): number[] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const finest = Math.max(high - low, 0.1) / 5;
  const magnitude = 10 ** Math.floor(Math.log10(finest));
  const step = magnitude * ([1, 2, 5].find((multiple) => multiple * magnitude >= finest) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => round((first + i) * step));
}
