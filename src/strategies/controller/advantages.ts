import { mean, variance } from 'simple-statistics';
import { movingAverage } from '../../numeric/policy-gradient.ts';

/** Rewards that a new one is compared with. */
const WINDOW = 40;
/** Ranks spread evenly over (0, 1) have this standard deviation. */
const RANK_DEVIATION = 1 / Math.sqrt(12);

/** How much better than expected the rewards of an update are, and what there is to tell of it. */
export interface Advantages {
  readonly values: readonly number[];
  /** Of the ranks, which are what is learnt from. */
  readonly baseline: number;
  readonly mean_reward: number;
  /** 1 − Var(rank − baseline) / Var(rank): 1 where the baseline foretold the ranks, 0 where it told nothing. */
  readonly explained_variance: number;
}

/**
 * The advantage of a network is its rank among the latest ones, in (0, 1), less the exponential moving average of ranks,
 * which serves as baseline. Differs from the papers, which take the reward itself: ranks tell good networks
 * apart as well as bad ones from good, whatever the reward's scale, and one network that is far off drowns nothing. A
 * failed trial counts as the worst of its update.
 */
export function createAdvantages(decay: number): {
  of(rewards: readonly (number | undefined)[]): Advantages;
} {
  let latest: readonly number[] = [];
  let baseline: number | undefined;
  return {
    of(told) {
      const known = told.filter((reward) => reward !== undefined);
      const worst = known.length === 0 ? Math.min(0, ...latest) : Math.min(...known);
      const rewards = told.map((reward) => reward ?? worst);
      latest = [...latest, ...rewards].slice(-WINDOW);
      const ranks = rewards.map((reward) => rankIn(latest, reward));
      const errors = ranks.map((rank) => {
        const expected = baseline ?? 0.5;
        baseline = movingAverage(expected, rank, decay);
        return rank - expected;
      });
      const spread = variance(ranks);
      return {
        values: errors.map((error) => error / RANK_DEVIATION),
        baseline: baseline ?? 0.5,
        mean_reward: mean(rewards),
        explained_variance: spread === 0 ? 0 : 1 - variance(errors) / spread,
      };
    },
  };
}

/** The part of the values that are lower, equal ones counting half. */
function rankIn(values: readonly number[], value: number): number {
  let lower = 0;
  for (const other of values) lower += other < value ? 1 : other === value ? 0.5 : 0;
  return lower / values.length;
}
