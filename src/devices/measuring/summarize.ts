import { median, medianAbsoluteDeviation, quantile } from 'simple-statistics';

export interface Summary {
  readonly medianMs: number;
  /** Median absolute deviation, not scaled by the 1.4826 of the normal distribution. */
  readonly madMs: number;
  /** Tenth and ninetieth percentile. */
  readonly p10Ms: number;
  readonly p90Ms: number;
  readonly samples: number;
  readonly rejected: number;
}

/** Nothing below 10 ns is worth a digit in a table. */
const DECIMALS_OF_A_MILLISECOND = 5;

/** Median and spread of one or more samples, in milliseconds, rounded to 10 ns. */
export function summarize(samplesMs: readonly number[], rejected: number): Summary {
  const values = [...samplesMs];
  return {
    medianMs: rounded(median(values)),
    madMs: rounded(medianAbsoluteDeviation(values)),
    p10Ms: rounded(quantile(values, 0.1)),
    p90Ms: rounded(quantile(values, 0.9)),
    samples: values.length,
    rejected,
  };
}

export function rounded(ms: number): number {
  return Number(ms.toFixed(DECIMALS_OF_A_MILLISECOND));
}
