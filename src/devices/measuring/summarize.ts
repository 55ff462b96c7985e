import { median, medianAbsoluteDeviation } from 'simple-statistics';

export interface Summary {
  readonly medianMs: number;
  /** Median absolute deviation, not scaled by the 1.4826 of the normal distribution. */
  readonly madMs: number;
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
    samples: values.length,
    rejected,
  };
}

function rounded(ms: number): number {
  return Number(ms.toFixed(DECIMALS_OF_A_MILLISECOND));
}
