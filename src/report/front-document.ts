import type { TrialFigures } from '../store/store.ts';

/** A network of a front: what `nas pareto --json` prints, and what the pages draw. Latencies are estimates. */
export interface FrontPoint {
  readonly trial: number;
  readonly accuracy: number;
  readonly latencyMs: number;
  readonly params: number;
  readonly macs: number;
}

export function frontDocument(front: readonly TrialFigures[]): readonly FrontPoint[] {
  return front.map(({ number, accuracy, latencyMs, params, macs }) => ({
    trial: number,
    accuracy,
    latencyMs,
    params,
    macs,
  }));
}
