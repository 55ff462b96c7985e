import { hypervolume, type ParetoPoint, paretoFront } from './pareto.ts';

/** How far beyond the worst of all fronts the reference point lies, in parts of their range. */
const MARGIN = 0.1;

/**
 * A reference point that the hypervolumes of several fronts may share: a tenth of the range slower than the slowest of
 * their networks, and as much less accurate than the least accurate, so that the ends of the fronts count too.
 */
export function commonReference(fronts: readonly (readonly ParetoPoint[])[]): ParetoPoint {
  const points = fronts.flat();
  if (points.length === 0) return { latencyMs: 0, accuracy: 0 };
  let [fastest, slowest] = [Number.POSITIVE_INFINITY, 0];
  let [least, most] = [1, 0];
  for (const { latencyMs, accuracy } of points) {
    fastest = Math.min(fastest, latencyMs);
    slowest = Math.max(slowest, latencyMs);
    least = Math.min(least, accuracy);
    most = Math.max(most, accuracy);
  }
  const slower = slowest + MARGIN * (slowest - fastest);
  const lower = least - MARGIN * (most - least);
  // A range that is nothing, or too little to move a number, counts as large as the number itself.
  return {
    latencyMs: slower > slowest ? slower : slowest * (1 + MARGIN),
    accuracy: Math.max(0, lower < least ? lower : least * (1 - MARGIN)),
  };
}

/**
 * The part of the front `others` of which each point is matched or beaten by one of `front`: no slower and no less
 * accurate (C metric of Zitzler and Thiele, IEEE Transactions on Evolutionary Computation 3(4), 1999).
 */
export function coverage(front: readonly ParetoPoint[], others: readonly ParetoPoint[]): number {
  const covered = others.filter((other) =>
    front.some(({ accuracy, latencyMs }) => accuracy >= other.accuracy && latencyMs <= other.latencyMs),
  );
  return others.length === 0 ? 0 : covered.length / others.length;
}

/** Hypervolume of a front in parts of that of all fronts together. */
export function hypervolumeShare(
  front: readonly ParetoPoint[],
  fronts: readonly (readonly ParetoPoint[])[],
  reference: ParetoPoint,
): number {
  const all = hypervolume(paretoFront(fronts.flat()), reference);
  return all === 0 ? 0 : hypervolume(front, reference) / all;
}
