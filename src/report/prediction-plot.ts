import * as Plot from '@observablehq/plot';
import type { Prediction } from '../flows/check-predictions.ts';
import { svgDocument } from './svg-document.ts';

const SIZE = 640;

/**
 * Predicted over measured latency as an SVG document: a point a network with its interval, the line on which a
 * prediction is exact, and the band of ±10 % around it.
 */
export function predictionPlot(predictions: readonly Prediction[], title: string): string {
  const most =
    1.05 * Math.max(...predictions.flatMap(({ estimateMs, measuredMs }) => [estimateMs, measuredMs]));
  const band = [0, most].map((x) => ({ x, low: 0.9 * x, high: 1.1 * x }));
  return svgDocument({
    width: SIZE,
    height: SIZE,
    marginLeft: 50,
    marginTop: 40,
    x: { label: 'measured (ms)', domain: [0, most] },
    y: { label: 'estimated (ms)', domain: [0, most] },
    marks: [
      Plot.text([title], { frameAnchor: 'top', dy: -30, fontWeight: 'bold' }),
      Plot.areaY(band, { x: 'x', y1: 'low', y2: 'high', fill: '#bbb', fillOpacity: 0.3, clip: true }),
      Plot.line(band, { x: 'x', y: 'x', stroke: '#888' }),
      Plot.ruleX(
        predictions.filter(({ intervalMs }) => intervalMs !== undefined),
        {
          x: 'measuredMs',
          y1: (prediction: Prediction) => prediction.intervalMs?.[0],
          y2: (prediction: Prediction) => prediction.intervalMs?.[1],
          stroke: '#4269d0',
          strokeOpacity: 0.4,
        },
      ),
      Plot.dot(predictions, { x: 'measuredMs', y: 'estimateMs', fill: '#4269d0', r: 3.5, title: 'name' }),
    ],
  });
}
