import { formatMs, formatPercent } from '../base/units.ts';
import type { Prediction } from '../flows/check-predictions.ts';
import { textTable } from './text-table.ts';

/** Predicted against measured, a network a line, the slowest last. */
export function predictionTable(predictions: readonly Prediction[]): string {
  return textTable(
    [...predictions].sort((a, b) => a.measuredMs - b.measuredMs),
    [
      { title: 'network', cell: ({ name }) => name },
      { title: 'estimated', align: 'right', cell: ({ estimateMs }) => formatMs(estimateMs) },
      {
        title: 'interval',
        align: 'right',
        cell: ({ intervalMs }) => intervalMs?.map(formatMs).join(' to ') ?? '',
      },
      {
        title: 'measured',
        align: 'right',
        cell: ({ measuredMs, madMs }) => `${formatMs(measuredMs)} ± ${formatMs(madMs)}`,
      },
      {
        title: 'error',
        align: 'right',
        cell: ({ error }) => `${error > 0 ? '+' : ''}${formatPercent(error)}`,
      },
    ],
  );
}

/** Mean absolute error and the parts of the networks within 5 and 10 %, all in percent. */
export function predictionSummary(predictions: readonly Prediction[]) {
  const errors = predictions.map(({ error }) => 100 * Math.abs(error));
  const part = (limit: number): number =>
    (100 * errors.filter((error) => error <= limit).length) / errors.length;
  return {
    networks: errors.length,
    mape: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    within5: part(5),
    within10: part(10),
  };
}
