import { sampleRankCorrelation } from 'simple-statistics';

/** Spearman's ρ of two equally long lists; NaN where one of them is constant. */
export function rankCorrelation(x: readonly number[], y: readonly number[]): number {
  return sampleRankCorrelation([...x], [...y]);
}

/**
 * Spearman's ρ of x and y with the influence of z taken out: the partial rank correlation
 * (ρxy − ρxz·ρyz) / √((1 − ρxz²)(1 − ρyz²)). NaN where z alone determines x or y.
 */
export function partialRankCorrelation(
  x: readonly number[],
  y: readonly number[],
  z: readonly number[],
): number {
  const xy = rankCorrelation(x, y);
  const xz = rankCorrelation(x, z);
  const yz = rankCorrelation(y, z);
  return (xy - xz * yz) / Math.sqrt((1 - xz * xz) * (1 - yz * yz));
}
