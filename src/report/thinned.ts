import type { ParetoPoint } from '../objective/pareto.ts';

/**
 * Of points that fall into one cell of a grid over all of them the first: a hundred thousand points look the same
 * drawn as a few thousand.
 */
export function thinned<Point extends ParetoPoint>(
  points: readonly Point[],
  columns: number,
  rows: number,
): readonly Point[] {
  let [fastest, slowest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { latencyMs, accuracy } of points) {
    fastest = Math.min(fastest, latencyMs);
    slowest = Math.max(slowest, latencyMs);
    least = Math.min(least, accuracy);
    most = Math.max(most, accuracy);
  }
  const cell = (value: number, low: number, high: number, count: number): number =>
    high > low ? Math.min(Math.floor(((value - low) / (high - low)) * count), count - 1) : 0;
  const taken = new Set<number>();
  return points.filter(({ latencyMs, accuracy }) => {
    const at = cell(latencyMs, fastest, slowest, columns) * rows + cell(accuracy, least, most, rows);
    if (taken.has(at)) return false;
    taken.add(at);
    return true;
  });
}
