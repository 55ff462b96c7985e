/** How much work goes into one number. */
export interface Effort {
  /** Undisturbed samples a workload. */
  readonly samples: number;
  /** A kernel is repeated until one sample lasts about this long; far above the resolution of the clock. */
  readonly sampleMs: number;
  /** Workloads measured side by side, a sample each in turn, so that slow drift meets all alike. */
  readonly window: number;
  /** Time spent on samples of one workload after which those taken on a slow core count too. */
  readonly patienceMs: number;
}

/** About 30 ms a kernel on an idle core, compilation included. */
export const KERNEL_EFFORT: Effort = { samples: 11, sampleMs: 1.5, window: 24, patienceMs: 100 };

/** Networks are few and everything is judged by them. */
export const NETWORK_EFFORT: Effort = { samples: 31, sampleMs: 1.5, window: 24, patienceMs: 5_000 };
