import type { Effort } from '../../measuring/effort.ts';

/**
 * A sample is one process: the median, or mean, of ten runs or more after a warm-up. So few do, and a round has one
 * of each; the next thing that runs is the sentinel, in a process of its own.
 */
export const BENCHMARK_EFFORT: {
  readonly kernelEffort: Partial<Effort>;
  readonly networkEffort: Partial<Effort>;
} = {
  // Patience counts the time of one run a sample: 20 samples of a kernel, 25 of a network of 20 ms.
  kernelEffort: { samples: 5, perRound: 1, window: 8, warmSamples: 0, patienceMs: 100 },
  networkEffort: { samples: 5, perRound: 1, window: 4, warmSamples: 0, patienceMs: 500 },
};
