import { formatMs } from '../base/units.ts';

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

/**
 * ACC where LAT ≤ T, and 1 − LAT / T above: negative, so that every network within the limit goes before every one
 * beyond it, and of those the nearest first.
 */
export function hardLimitReward(limitMs: number): Reward {
  return (accuracy, latencyMs) => (latencyMs <= limitMs ? accuracy : 1 - latencyMs / limitMs);
}

export const REWARD_NAMES = ['mnas-hard', 'mnas', 'tunas-abs', 'hard-limit'] as const;
export type RewardName = (typeof REWARD_NAMES)[number];

/** A reward as a run's configuration holds it; α and β where the named reward has them. */
export interface RewardConfig {
  readonly name: RewardName;
  readonly alpha?: number | undefined;
  readonly beta?: number | undefined;
}

/** α and β of the papers, for the rewards that have them. */
const DEFAULTS = {
  'mnas-hard': { alpha: 0, beta: -1 },
  mnas: { alpha: -0.07, beta: -0.07 },
  'tunas-abs': { beta: -0.07 },
  'hard-limit': {},
} as const satisfies Record<RewardName, { readonly alpha?: number; readonly beta?: number }>;

export function createReward({ name, alpha, beta }: RewardConfig, targetMs: number): Reward {
  switch (name) {
    case 'mnas-hard':
    case 'mnas':
      return mnasReward(targetMs, alpha ?? DEFAULTS[name].alpha, beta ?? DEFAULTS[name].beta);
    case 'tunas-abs':
      return tunasAbsoluteReward(targetMs, beta ?? DEFAULTS[name].beta);
    case 'hard-limit':
      return hardLimitReward(targetMs);
  }
}

/** Which of α and β were given to a reward that has none of them. */
export function foreignExponent({ name, alpha, beta }: RewardConfig): 'alpha' | 'beta' | undefined {
  if (alpha !== undefined && !('alpha' in DEFAULTS[name])) return 'alpha';
  return beta !== undefined && !('beta' in DEFAULTS[name]) ? 'beta' : undefined;
}

/** Why a reward may not lead to the target, where that is so. */
export function rewardWarning({ name, alpha, beta }: RewardConfig, targetMs: number): string | undefined {
  if (name !== 'mnas' && name !== 'mnas-hard') return undefined;
  const [below, above] = [alpha ?? DEFAULTS[name].alpha, beta ?? DEFAULTS[name].beta];
  if (below !== above) return undefined;
  return (
    `reward ${name} with α = β = ${below}: ACC · (LAT / T)^${below} is ACC · LAT^${below} times a constant, so its ` +
    `best network is the same for every target, and ${formatMs(targetMs)} only limits what is trained; ` +
    'mnas-hard, tunas-abs and hard-limit have optima that depend on it'
  );
}
