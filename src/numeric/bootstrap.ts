import { mean } from 'simple-statistics';
import type { Rng } from '../base/rng.ts';

const RESAMPLES = 1000;

/** Middle 95 % of the mean over resampled values (the percentile bootstrap): skewed values keep their skew. */
export function meanInterval95(values: readonly number[], rng: Rng): readonly [number, number] {
  const means = Array.from({ length: RESAMPLES }, () =>
    mean(values.map(() => values[rng.integer(values.length)]!)),
  ).sort((a, b) => a - b);
  const at = (part: number): number => means[Math.round(part * (RESAMPLES - 1))]!;
  return [at(0.025), at(0.975)];
}
