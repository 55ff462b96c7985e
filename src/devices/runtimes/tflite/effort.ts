import type { Effort } from '../../measuring/effort.ts';

/**
 * A sample is one process: the median, or mean, of ten runs or more after a warm-up. So few samples do. Patience counts
 * the time of one run a sample, with one of the sentinel: that of ten samples of a kernel, or of some of a network.
 */
export const BENCHMARK_EFFORT: {
  readonly kernelEffort: Partial<Effort>;
  readonly networkEffort: Partial<Effort>;
} = {
  kernelEffort: { samples: 3, perRound: 1, window: 4, warmSamples: 0, patienceMs: 60 },
  networkEffort: { samples: 5, perRound: 1, window: 4, warmSamples: 0, patienceMs: 300 },
};
