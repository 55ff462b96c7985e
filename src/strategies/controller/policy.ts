import { createAdam } from '../../numeric/adam.ts';
import type { Genotype } from '../../space/genotype.ts';
import { createProposals } from '../proposals.ts';
import type { StrategyOptions } from '../strategy.ts';
import { Controller } from './controller.ts';
import { createSampler } from './sampler.ts';

export interface PolicyOptions {
  readonly hiddenUnits: number;
  readonly learningRate: number;
}

/** A controller that proposes networks and is improved by what came of them. */
export interface Policy {
  /** Proposes up to `count` networks by the controller, none twice. */
  propose(count: number): readonly Genotype[];
  readonly controller: Controller;
  /** One step of Adam up the gradient that the controller has gathered, which begins anew. */
  improve(): void;
}

/**
 * Differs from the papers: what is inadmissible or was proposed before is not drawn again, which the probabilities of an
 * update do not know.
 */
export function createPolicy(space: StrategyOptions, { hiddenUnits, learningRate }: PolicyOptions): Policy {
  const { decisions, rng } = space;
  const proposals = createProposals(space);
  const controller = new Controller(decisions, hiddenUnits, rng.fork('controller'));
  const adam = createAdam(controller.parameters.length, { learningRate: -learningRate });
  const draws = rng.fork('draws');
  const sampler = createSampler(controller, decisions);
  return {
    controller,
    propose(count) {
      return proposals.fill(count, () => {
        const genotype = sampler.draw(draws);
        if (genotype !== undefined) sampler.takeOut(genotype);
        return genotype;
      });
    },
    improve() {
      adam.step(controller.parameters, controller.gradient);
      controller.gradient.fill(0);
      sampler.reset();
    },
  };
}
