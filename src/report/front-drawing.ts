import * as Plot from '@observablehq/plot';
import { formatMs } from '../base/units.ts';
import { type ParetoPoint, paretoFront } from '../objective/pareto.ts';
import { svgDocument } from './svg-document.ts';
import { thinned } from './thinned.ts';

const WIDTH = 720;
const HEIGHT = 480;

export interface FrontDrawing {
  readonly title: string;
  readonly points: readonly ParetoPoint[];
  readonly targetsMs: readonly number[];
}

/** Accuracy over estimated latency as an SVG document: all points, the front as steps, and the targets. */
export function frontDrawing({ title, points, targetsMs }: FrontDrawing): string {
  const front = paretoFront(points).map(inPercent);
  return svgDocument({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 50,
    marginTop: 40,
    marginBottom: 40,
    x: { label: 'estimated latency (ms)', labelAnchor: 'center', labelArrow: 'none', nice: true },
    y: { label: 'accuracy (%)', labelAnchor: 'top', labelArrow: 'none', nice: true, grid: true },
    marks: [
      Plot.text([title], { frameAnchor: 'top', dy: -30, fontWeight: 'bold' }),
      Plot.dot(thinned(points, WIDTH, HEIGHT).map(inPercent), {
        ...{ x: 'latencyMs', y: 'percent', fill: '#999', fillOpacity: 0.6, r: 2 },
      }),
      Plot.ruleX(targetsMs, { stroke: '#c33', strokeDasharray: '4 3' }),
      Plot.text(targetsMs, {
        ...{ x: (targetMs: number) => targetMs, text: (targetMs: number) => `target ${formatMs(targetMs)}` },
        ...{ frameAnchor: 'bottom', dx: 4, dy: -6, textAnchor: 'start', fill: '#c33' },
      }),
      Plot.line(front, { x: 'latencyMs', y: 'percent', curve: 'step-after', stroke: '#4269d0' }),
      Plot.dot(front, { x: 'latencyMs', y: 'percent', fill: '#4269d0', r: 3.5 }),
    ],
  });
}

function inPercent({ accuracy, latencyMs }: ParetoPoint): {
  readonly latencyMs: number;
  readonly percent: number;
} {
  return { latencyMs, percent: 100 * accuracy };
}
