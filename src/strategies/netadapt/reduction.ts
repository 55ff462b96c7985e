export interface Reduction {
  /** The least part of the current latency that the first step cuts. */
  readonly step: number;
  /** What that is multiplied by from step to step. */
  readonly decay: number;
}

/**
 * Steps do not shrink below a quarter of the first: with a decay of 0.96 and a first step of 1 % all steps together would
 * come to 22 % otherwise, and most targets would never be reached.
 */
const SMALLEST = 1 / 4;

/** How much latency every proposal of a step, from 0, has to cut at least; not more than the target asks for. */
export function requiredCutMs(
  { step, decay }: Reduction,
  index: number,
  currentMs: number,
  targetMs: number,
): number {
  return Math.min(step * Math.max(decay ** index, SMALLEST) * currentMs, currentMs - targetMs);
}
