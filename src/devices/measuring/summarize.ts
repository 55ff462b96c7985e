import { median, medianAbsoluteDeviation } from 'simple-statistics';

export interface Summary {
  readonly medianMs: number;
  /** Median absolute deviation, not scaled by the 1.4826 of the normal distribution. */
  readonly madMs: number;
  readonly samples: number;
  readonly rejected: number;
}

/** Median and spread of one or more samples, in milliseconds. */
export function summarize(samplesMs: readonly number[], rejected: number): Summary {
  const values = [...samplesMs];
  return {
    medianMs: median(values),
    madMs: medianAbsoluteDeviation(values),
    samples: values.length,
    rejected,
  };
}
