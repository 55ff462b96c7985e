import { createRng } from '../base/rng.ts';
import { architectureDigest } from '../flows/candidate.ts';
import type { Goal } from '../flows/goals.ts';
import { createReward } from '../objective/reward.ts';
import { excess } from '../space/constraints.ts';
import type { Genotype } from '../space/genotype.ts';
import { STRATEGIES } from '../strategies/index.ts';
import { targetsOf } from './run-config.ts';
import type { PreparedSearch } from './search-setup.ts';

/** The goals of a run, and what their strategies share. */
export interface SearchGoals {
  readonly goals: readonly [Goal, ...Goal[]];
  /** What has been proposed for any of them. */
  readonly claimed: Set<string>;
  /** Why no goal wants a network; `undefined` where one does. */
  readonly infeasible: (genotype: Genotype) => string | undefined;
  /** How many proposals were refused so far, before anything was trained. */
  readonly refused: () => number;
}

/** A goal for each target on each device, with a strategy of its own. */
export function createGoals({ config, space, deployed }: PreparedSearch): SearchGoals {
  const claimed = new Set<string>();
  const refusals = new Set<string>();
  const targets = targetsOf(config);
  const identity = architectureDigest(space);
  const wants = ({ device, targetMs }: (typeof targets)[number], genotype: Genotype): boolean => {
    const costs = deployed[device]?.(genotype);
    if (costs === undefined) throw new RangeError(`no device ${device}`);
    return costs.latencyMs <= config.latencyLimit * targetMs && excess(space.constraints, costs) === 0;
  };
  const goals = targets.map((target, index): Goal => {
    const { device, targetMs } = target;
    const reward = createReward(config.reward, targetMs);
    const costs = deployed[device];
    if (costs === undefined) throw new RangeError(`no device ${device}`);
    const several = targets.length > 1;
    const strategy = STRATEGIES[config.strategy]({
      decisions: space.decisions,
      rng: createRng(`${config.seed}/strategy${several ? `/goal ${index}` : ''}`),
      admits(genotype) {
        if (!wants(target, genotype)) {
          refusals.add(genotype.join());
          return false;
        }
        return !several || !claimed.has(genotype.join());
      },
      costs,
      reward,
      seeds: Object.values(space.references),
      identity,
    });
    return { device, targetMs, reward, strategy };
  });
  const [first, ...others] = goals;
  if (first === undefined) throw new RangeError('a run has a target');
  return {
    goals: [first, ...others],
    claimed,
    infeasible: (genotype) =>
      targets.some((target) => wants(target, genotype))
        ? undefined
        : 'beyond the latency limit or the constraints of the space',
    refused: () => refusals.size,
  };
}
