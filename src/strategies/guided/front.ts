import { type ParetoPoint, paretoFront } from '../../objective/pareto.ts';

/** The networks that no other one beats, and what another one would add to them. */
export interface Front {
  add(point: ParetoPoint): void;
  /**
   * The area that a network would add to what the front dominates, up to the reference latency and down to the reference
   * accuracy, each in units of its range.
   */
  gain(accuracy: number, latencyMs: number): number;
}

export function createFront(reference: ParetoPoint): Front {
  /** Fastest first. */
  let front: readonly ParetoPoint[] = [];
  return {
    add(point) {
      front = paretoFront([...front, point]);
    },
    gain(accuracy, latencyMs) {
      let area = 0;
      let from = latencyMs;
      let height = reference.accuracy;
      for (const point of front) {
        if (point.latencyMs > from) {
          const to = Math.min(point.latencyMs, reference.latencyMs);
          if (accuracy <= height || from >= to) break;
          area += (accuracy - height) * (to - from);
          from = to;
        }
        height = Math.max(height, point.accuracy);
      }
      if (accuracy > height && from < reference.latencyMs)
        area += (accuracy - height) * (reference.latencyMs - from);
      return area;
    },
  };
}
