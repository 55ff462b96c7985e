import { createRng, shuffle } from '../../base/rng.ts';
import { complete } from '../../space/complete.ts';
import { type Genotype, INACTIVE } from '../../space/genotype.ts';
import type { SearchSpace } from '../../space/search-space.ts';

/** The parts of a training between which networks part from the anchor, from not at all to freely. */
const PARTING = { from: 0.15, to: 0.6 } as const;

export interface PathPlan {
  /** Of the whole training. */
  readonly steps: number;
  /** The network that is learnt first. */
  readonly anchor: Genotype;
  readonly seed: string;
}

/**
 * Which network each step trains, as a function of the step alone. The first steps train the anchor, so that there is
 * something to fit in with; then each decision departs from it ever more often, until in the last part of the training
 * all are free. Without that, blocks of different families, which share no weights, go by features that keep changing.
 *
 * A decision that departs goes through its options in rounds, in a new order each, so that all have been proposed equally
 * often (Chu et al. 2021, FairNAS, arXiv:1907.01845, section 3.2); drawn by lot, options of few steps would be behind by
 * chance. Differs from the paper: the weights are updated after each network, not once a round, since decisions have
 * different numbers of options.
 */
export function createPathSampler(
  { decisions }: SearchSpace,
  { steps, anchor, seed }: PathPlan,
): (step: number) => Genotype {
  const orders: { round: number; order: readonly number[] }[] = decisions.map(() => ({
    round: -1,
    order: [],
  }));
  return (step) => {
    const departing = createRng(`${seed}/step ${step}`);
    const share = shareOfDepartures(step / steps);
    return complete(
      decisions,
      decisions.map(({ options }, decision) => {
        const round = Math.floor(step / options.length);
        if (orders[decision]?.round !== round) {
          const rng = createRng(`${seed}/decision ${decision}/round ${round}`);
          orders[decision] = { round, order: shuffle([...options.keys()], rng) };
        }
        const departs = departing.uniform() < share;
        const option = anchor[decision] ?? INACTIVE;
        return departs || option === INACTIVE ? orders[decision]?.order[step % options.length] : option;
      }),
    );
  };
}

/** The probability that a decision departs from the anchor. */
function shareOfDepartures(progress: number): number {
  const { from, to } = PARTING;
  return Math.min(1, Math.max(0, (progress - from) / (to - from)));
}
