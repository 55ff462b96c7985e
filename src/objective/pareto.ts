/** A point whose accuracy should be high and whose latency should be low. */
export interface ParetoPoint {
  readonly accuracy: number;
  readonly latencyMs: number;
}

/**
 * The points that no other point dominates, fastest first: each is more accurate than every faster one.
 * Of points equal in both, the first in the list stays.
 */
export function paretoFront<Point extends ParetoPoint>(points: readonly Point[]): readonly Point[] {
  const byLatency = [...points].sort((a, b) => a.latencyMs - b.latencyMs || b.accuracy - a.accuracy);
  const front: Point[] = [];
  for (const point of byLatency) {
    if (point.accuracy > (front.at(-1)?.accuracy ?? Number.NEGATIVE_INFINITY)) front.push(point);
  }
  return front;
}

/**
 * The area that a set of points dominates, up to a reference latency and down to a reference accuracy,
 * in accuracy × milliseconds. Points beyond the reference add nothing.
 */
export function hypervolume(points: readonly ParetoPoint[], reference: ParetoPoint): number {
  const front = paretoFront(points.filter((point) => point.latencyMs < reference.latencyMs));
  let area = 0;
  let below = reference.accuracy;
  for (const { accuracy, latencyMs } of front) {
    if (accuracy <= below) continue;
    area += (accuracy - below) * (reference.latencyMs - latencyMs);
    below = accuracy;
  }
  return area;
}
