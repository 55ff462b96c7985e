/** Scores a network by its accuracy in [0, 1] and its latency; the larger the better. */
export type Reward = (accuracy: number, latencyMs: number) => number;

/**
 * ACC · (LAT / T)^w with w = α where LAT ≤ T and β above (MnasNet, arXiv:1807.11626, equations 2 and 3).
 * With α = β the target only rescales the reward: the best network is then the same for every target.
 */
export function mnasReward(targetMs: number, alpha: number, beta: number): Reward {
  return (accuracy, latencyMs) => accuracy * (latencyMs / targetMs) ** (latencyMs <= targetMs ? alpha : beta);
}

/** ACC + β·|LAT / T − 1| with β < 0: the optimum lies at the target (TuNAS, arXiv:2008.06120, section 4). */
export function tunasAbsoluteReward(targetMs: number, beta: number): Reward {
  return (accuracy, latencyMs) => accuracy + beta * Math.abs(latencyMs / targetMs - 1);
}

export const REWARD_NAMES = ['mnas-hard', 'mnas', 'tunas-abs'] as const;
export type RewardName = (typeof REWARD_NAMES)[number];

/** A reward as a run's configuration holds it; α and β where the named reward has them. */
export interface RewardConfig {
  readonly name: RewardName;
  readonly alpha?: number | undefined;
  readonly beta?: number | undefined;
}

/** `mnas-hard`: α = 0, β = −1. `mnas`: α = β = −0.07. `tunas-abs`: β = −0.07 (the papers' values). */
export function createReward({ name, alpha, beta }: RewardConfig, targetMs: number): Reward {
  switch (name) {
    case 'mnas-hard':
      return mnasReward(targetMs, alpha ?? 0, beta ?? -1);
    case 'mnas':
      return mnasReward(targetMs, alpha ?? -0.07, beta ?? -0.07);
    case 'tunas-abs':
      return tunasAbsoluteReward(targetMs, beta ?? -0.07);
  }
}
