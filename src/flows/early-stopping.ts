import { median } from 'simple-statistics';
import { formatPercent } from '../base/units.ts';
import type { Reward } from '../objective/reward.ts';
import { REDUCTION } from './ladder.ts';

export const STOPPING_RULES = ['halving', 'median'] as const;

/**
 * Which candidates are worth more training, by their accuracies at the same rung.
 * - `halving`: successive halving in the form that needs no round to be complete (ASHA, arXiv:1810.05934, in its
 *   stopping variant): a candidate goes on if it is among the best third of those that have come to its rung.
 * - `median`: it goes on unless it is worse than the median of them (Golovin et al. 2017, section 3.2.1).
 */
export type StoppingRule = (typeof STOPPING_RULES)[number];

/** A candidate at a rung. */
export interface Standing {
  /** At the rung. */
  readonly accuracy: number;
  readonly latencyMs: number;
}

/** With fewer to compare with, nothing is stopped. */
const FEWEST_COMPARED = { halving: REDUCTION - 1, median: 4 } as const satisfies Record<StoppingRule, number>;

/** Up to this factor a network counts as about as fast as another. */
const SIMILAR_LATENCY = 1.05;

/**
 * Why a candidate is stopped at a rung; `undefined` where it goes on. `others` are those that came to the same rung.
 * With a reward all are compared by it. Without one the search is after the whole front: a candidate is compared, by
 * accuracy, only with those that are as fast or faster, since it is hopeless only where these are better.
 */
export function reasonToStop(
  rule: StoppingRule,
  own: Standing,
  others: readonly Standing[],
  reward: Reward | undefined,
): string | undefined {
  const score = ({ accuracy, latencyMs }: Standing): number =>
    reward === undefined ? accuracy : reward(accuracy, latencyMs);
  const compared =
    reward === undefined
      ? others.filter(({ latencyMs }) => latencyMs <= own.latencyMs * SIMILAR_LATENCY)
      : others;
  if (compared.length < FEWEST_COMPARED[rule]) return undefined;
  const scores = compared.map(score);
  const better = scores.filter((other) => other > score(own)).length;
  const hopeless =
    rule === 'halving' ? better >= Math.ceil((compared.length + 1) / REDUCTION) : score(own) < median(scores);
  if (!hopeless) return undefined;
  const whom = reward === undefined ? 'networks no slower' : 'by reward';
  return `${formatPercent(own.accuracy)} so far, behind ${better} of ${compared.length} ${whom}`;
}
