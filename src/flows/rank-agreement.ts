import type { Rng } from '../base/rng.ts';
import { partialRankCorrelation, rankCorrelation } from '../numeric/rank-correlation.ts';

/** How alike two ways to come by accuracies rank the same networks. */
export interface RankAgreement {
  /** Spearman's ρ. */
  readonly rankCorrelation: number;
  /** The same with the influence of MACs taken out: larger networks are better after any training. */
  readonly rankCorrelationAtEqualMacs: number;
  /** Middle 95 % of the rank correlation over resampled networks (bootstrap, 2,000 times). */
  readonly interval95: readonly [number, number];
}

const BOOTSTRAP_SAMPLES = 2000;

/** Of networks with two accuracies each. */
export function rankAgreement(
  networks: readonly { readonly first: number; readonly second: number; readonly macs: number }[],
  rng: Rng,
): RankAgreement {
  const first = networks.map((network) => network.first);
  const second = networks.map((network) => network.second);
  const macs = networks.map((network) => network.macs);
  const resampled = Array.from({ length: BOOTSTRAP_SAMPLES }, () => {
    const picks = networks.map(() => rng.integer(networks.length));
    return rankCorrelation(
      picks.map((i) => first[i] ?? Number.NaN),
      picks.map((i) => second[i] ?? Number.NaN),
    );
  })
    .filter((rho) => !Number.isNaN(rho))
    .sort((a, b) => a - b);
  const quantile = (q: number): number => resampled[Math.round(q * (resampled.length - 1))] ?? Number.NaN;
  return {
    rankCorrelation: rankCorrelation(first, second),
    rankCorrelationAtEqualMacs: partialRankCorrelation(first, second, macs),
    interval95: [quantile(0.025), quantile(0.975)],
  };
}
