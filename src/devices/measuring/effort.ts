/** How much work goes into one number. */
export interface Effort {
  /** Undisturbed samples a subject. */
  readonly samples: number;
  /** Samples of each open subject in a round: fewer words with the runner, at the price of more interleaving. */
  readonly perRound: number;
  /** Subjects measured side by side, so that slow drift meets all alike. */
  readonly window: number;
  /** Samples with everything as the run before left it, taken beside those that count. */
  readonly warmSamples: number;
  /**
   * A subject is loaded anew after so many samples. Where in memory a small kernel happens to lie decides some percent
   * of its latency; loaded anew it lies elsewhere, and the median is over several places.
   */
  readonly reloadEvery: number;
  /** Time spent on samples of one subject, and on the sentinel between them, after which those taken on a slow core count too. */
  readonly patienceMs: number;
}

/** Many side by side and one sample of each at a time: what is slow for a second is slow for all of them. */
export const KERNEL_EFFORT: Effort = {
  samples: 31,
  perRound: 1,
  window: 64,
  warmSamples: 5,
  reloadEvery: 48,
  patienceMs: 200,
};

/** Where loading takes longer than measuring: a runtime in WebAssembly compiles a model each time. */
export const LOADED_ONCE = { reloadEvery: Number.POSITIVE_INFINITY } as const satisfies Partial<Effort>;

/**
 * Networks are few and everything is judged by them. Some side by side, since a neighbour on the host slows a core by a
 * quarter for seconds: one at a time, two networks agreed with their kernels within 30 %, side by side within 5 %. Not
 * more, since each needs its weights in memory.
 */
export const NETWORK_EFFORT: Effort = {
  samples: 31,
  perRound: 1,
  window: 12,
  warmSamples: 0,
  ...LOADED_ONCE,
  patienceMs: 5_000,
};
