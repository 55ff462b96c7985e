import { mean, quantile, standardDeviation } from 'simple-statistics';
import type { Rng } from '../../base/rng.ts';
import type { EffectsVariable } from '../../numeric/effects-regression.ts';
import type { Decision } from '../../space/decision.ts';
import type { Genotype } from '../../space/genotype.ts';
import { sampleGenotype } from '../../space/sample.ts';
import type { KnownCosts } from '../strategy.ts';

/** Networks by which costs are put on a common scale. */
const SAMPLES = 100;
/** Costs further from the middle than this many standard deviations say no more than this. */
const FURTHEST = 3;

/** What a predictor may look at: the choices of a network, and what it costs. */
export interface Features {
  readonly variables: readonly EffectsVariable[];
  readonly covariates: number;
  /** Few networks are slower. */
  readonly highLatencyMs: number;
  /** Of the choices, with the covariates of the costs: logarithms of latency, parameters and MACs, their squares and products. */
  covariatesOf(costs: KnownCosts): Float64Array;
}

/** Decisions of one name but for the numbers in it play the same role: the kernel of stage 3 and that of stage 4. */
export function createFeatures(
  decisions: readonly Decision[],
  costs: (genotype: Genotype) => KnownCosts,
  rng: Rng,
): Features {
  const roles = new Map<string, number>();
  const variables = decisions.map(({ name, options, ordinal }) => {
    const role = `${name.replaceAll(/\d+/g, '#')} ${options.length}`;
    if (!roles.has(role)) roles.set(role, roles.size);
    return { options: options.length, ordinal, role: roles.get(role) ?? 0 };
  });
  const known = Array.from({ length: SAMPLES }, () => costs(sampleGenotype(decisions, rng)));
  const samples = known.map(logarithms);
  const scales = [0, 1, 2].map((which) => {
    const values = samples.map((sample) => sample[which] ?? 0);
    return { centre: mean(values), spread: standardDeviation(values) };
  });
  return {
    variables,
    covariates: 9,
    highLatencyMs: quantile(
      known.map(({ latencyMs }) => latencyMs),
      0.99,
    ),
    covariatesOf(network) {
      const [x = 0, y = 0, z = 0] = logarithms(network).map((value, which) => {
        const { centre = 0, spread = 0 } = scales[which] ?? {};
        // A cost that all networks share tells nothing.
        return spread < 1e-9 ? 0 : Math.min(Math.max((value - centre) / spread, -FURTHEST), FURTHEST);
      });
      return Float64Array.of(x, y, z, x * x, y * y, z * z, x * y, x * z, y * z);
    },
  };
}

function logarithms({ latencyMs, params, macs }: KnownCosts): readonly number[] {
  return [latencyMs, params, macs].map((cost) => Math.log(Math.max(cost, Number.MIN_VALUE)));
}
