import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { BenchSummary } from '../flows/bench-summary.ts';

const SIZE = { width: 900, height: 420 };

/** Mean regret and hypervolume of strategies over the number of trials, with their 95 % intervals, as an SVG document. */
export function benchPlot(summaries: readonly BenchSummary[], title: string): string {
  // A document to draw into; its type is that of a browser, which this program does not know.
  const { document } = parseHTML('<html><body></body></html>') as { readonly document?: never };
  const points = summaries.flatMap((summary) =>
    (
      [
        ['regret (%)', summary.regretPercent, summary.regretPercentInterval95],
        ['1 − hypervolume ratio', summary.hypervolumeRatio, summary.hypervolumeRatioInterval95],
      ] as const
    ).flatMap(([measure, means, intervals]) =>
      Object.entries(means).map(([budget, mean]) => {
        const [low, high] = intervals[budget] ?? [mean, mean];
        const shown = (value: number): number => (measure === 'regret (%)' ? value : 1 - value);
        return {
          ...{ strategy: summary.strategy, measure, trials: Number(budget), mean: shown(mean) },
          ...{ low: Math.min(shown(low), shown(high)), high: Math.max(shown(low), shown(high)) },
        };
      }),
    ),
  );
  const svg = Plot.plot({
    ...(document === undefined ? {} : { document }),
    ...SIZE,
    style: { background: 'white', color: 'black', fontFamily: 'sans-serif' },
    marginTop: 50,
    marginLeft: 50,
    marginRight: 100,
    x: {
      type: 'log',
      label: 'trials',
      ticks: [...new Set(points.map(({ trials }) => trials))],
      tickFormat: 'd',
    },
    y: { label: title, grid: true, zero: true },
    fx: { label: null },
    color: { domain: summaries.map(({ strategy }) => strategy), scheme: 'Observable10' },
    marks: [
      Plot.ruleX(points, {
        fx: 'measure',
        x: 'trials',
        y1: 'low',
        y2: 'high',
        stroke: 'strategy',
        strokeOpacity: 0.4,
      }),
      Plot.line(points, { fx: 'measure', x: 'trials', y: 'mean', stroke: 'strategy', strokeWidth: 2 }),
      Plot.dot(points, { fx: 'measure', x: 'trials', y: 'mean', fill: 'strategy', r: 3 }),
      Plot.text(
        points.filter(({ trials }) => trials === Math.max(...points.map((point) => point.trials))),
        {
          fx: 'measure',
          x: 'trials',
          y: 'mean',
          text: 'strategy',
          fill: 'strategy',
          textAnchor: 'start',
          dx: 8,
        },
      ),
    ],
  });
  // An image of its own needs the name of its language, which one inside a page does not.
  return svg.outerHTML.replace(/^<svg(?! xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"');
}
