import plot from 'simple-ascii-chart';
import { formatMs } from '../base/units.ts';
import { type ParetoPoint, paretoFront } from '../objective/pareto.ts';
import type { Room } from './progress.ts';
import { thinned } from './thinned.ts';

const FRONT = '●';
const DOMINATED = '·';

export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

/** Left of a plot the numbers of its axis, right of it an arrow. */
const BESIDE = 12;
/** The legend, which a narrow terminal breaks; the arrow, the axis, its numbers and its name. */
const linesAround = (columns: number): number => (columns < 60 ? 6 : 5);
const LEAST: PlotSize = { width: 16, height: 4 };

/** The lines of a whole plot. */
export function plotLines({ height }: PlotSize, columns: number): number {
  return height + linesAround(columns);
}

/** A plot as large as `most`, or as fits the room. */
export function plotSizeIn({ columns, rows }: Room, most: PlotSize): PlotSize {
  return {
    width: Math.max(Math.min(most.width, columns - BESIDE), LEAST.width),
    height: Math.max(Math.min(most.height, rows - linesAround(columns)), LEAST.height),
  };
}

/**
 * Accuracy in percent over estimated latency in milliseconds as a text plot: the front (●), the dominated points (·),
 * and the targets as vertical lines. Empty where there is nothing to plot.
 */
export function frontPlot(
  points: readonly ParetoPoint[],
  targetsMs: readonly number[],
  size: PlotSize,
  front: readonly ParetoPoint[] = paretoFront(points),
): string {
  // What comes later is drawn over what was there.
  const series = [
    { symbol: DOMINATED, points },
    { symbol: FRONT, points: front },
  ];
  return scatterPlot(series, targetsMs, `${FRONT} front  ${DOMINATED} dominated`, size);
}

/** The fronts of some runs in one plot, each with a symbol of its own. */
export function frontsPlot(
  fronts: readonly { readonly name: string; readonly points: readonly ParetoPoint[] }[],
  targetsMs: readonly number[],
  size: PlotSize,
): string {
  const series = fronts.map(({ name, points }, i) => ({ name, points, symbol: SYMBOLS[i] ?? '+' }));
  const legend = series.map(({ name, symbol }) => `${symbol} ${name}`).join('  ');
  return scatterPlot(series, targetsMs, legend, size);
}

const SYMBOLS = ['●', '○', '▲', '△', '■', '□', '◆', '◇'];

interface Series {
  readonly symbol: string;
  readonly points: readonly ParetoPoint[];
}

function scatterPlot(
  series: readonly Series[],
  targetsMs: readonly number[],
  legend: string,
  { width, height }: PlotSize,
): string {
  const symbolAt = new Map<string, string>();
  const places: [number, number][] = [];
  for (const { symbol, points } of series) {
    // Of points closer together than half a character one is drawn.
    for (const { latencyMs, accuracy } of thinned(points, 2 * width, 2 * height)) {
      const place: [number, number] = [significant(latencyMs), round(100 * accuracy)];
      const key = place.join();
      if (!symbolAt.has(key)) places.push(place);
      symbolAt.set(key, symbol);
    }
  }
  if (places.length === 0) return '';
  const drawn = plot(places, {
    width,
    height,
    mode: 'point',
    xLabel: 'estimated latency (ms)',
    lineFormatter: ({ plotX, plotY, x, y }) => ({
      x: plotX,
      y: plotY,
      symbol: symbolAt.get([x, y].join()) ?? DOMINATED,
    }),
    customXAxisTicks: ticks(places.map(([x]) => x)),
    customYAxisTicks: ticks(places.map(([, y]) => y)),
    thresholds: targetsMs.map((targetMs) => ({ x: significant(targetMs) })),
    symbols: { thresholds: { x: '│', y: '│' } },
  });
  const lines = drawn.split('\n').map((line) => line.trimEnd());
  while (lines[0] === '') lines.shift();
  while (lines.at(-1) === '') lines.pop();
  const targets = targetsMs.length === 0 ? '' : `  │ target ${targetsMs.map(formatMs).join(', ')}`;
  return [`accuracy (%)   ${legend}${targets}`, ...lines].join('\n');
}

/** Latencies are microseconds for some and seconds for others. */
function significant(value: number): number {
  return Number(value.toPrecision(4));
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
