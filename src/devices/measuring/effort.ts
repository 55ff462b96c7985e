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
  /** Time spent on samples of one subject, and on the sentinel between them, after which those taken on a slow core count too. */
  readonly patienceMs: number;
}

/** Many side by side and one sample of each at a time: what is slow for a second is slow for all of them. */
export const KERNEL_EFFORT: Effort = {
  samples: 31,
  perRound: 1,
  window: 64,
  warmSamples: 5,
  patienceMs: 200,
};

/** Networks are few and everything is judged by them. */
export const NETWORK_EFFORT: Effort = {
  samples: 31,
  perRound: 4,
  window: 4,
  warmSamples: 0,
  patienceMs: 5_000,
};
