import { printCsv } from '../latency/formats/csv.ts';
import type { TrialFigures } from '../store/store.ts';

/** A front as CSV: latencies estimated, in milliseconds; accuracies in [0, 1]. */
export function frontCsv(front: readonly TrialFigures[]): string {
  return printCsv([
    ['trial', 'accuracy', 'latency_ms', 'params', 'macs'],
    ...front.map(({ number, accuracy, latencyMs, params, macs }) =>
      [number, accuracy, latencyMs, params, macs].map(String),
    ),
  ]);
}
