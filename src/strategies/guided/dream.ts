import { mean, standardDeviation } from 'simple-statistics';
import type { Rng } from '../../base/rng.ts';
import { createAdam } from '../../numeric/adam.ts';
import type { Decision } from '../../space/decision.ts';
import type { Genotype } from '../../space/genotype.ts';
import { Controller } from '../controller/controller.ts';
import { createSampler } from '../controller/sampler.ts';

export interface DreamOptions {
  readonly hiddenUnits: number;
  readonly learningRate: number;
  readonly entropyWeight: number;
}

/** Trains a controller without trials: on rewards that are predicted. */
export interface Dream {
  /** Draws genotypes by the controller, which then learns from what `worthOf` says of them. */
  next(count: number, worthOf: (genotype: Genotype) => number): readonly Genotype[];
}

/** REINFORCE; the baseline is the mean of the genotypes drawn together. */
export function createDream(
  decisions: readonly Decision[],
  { hiddenUnits, learningRate, entropyWeight }: DreamOptions,
  rng: Rng,
): Dream {
  const controller = new Controller(decisions, hiddenUnits, rng.fork('controller'));
  const adam = createAdam(controller.parameters.length, { learningRate: -learningRate });
  const sampler = createSampler(controller, decisions);
  return {
    next(count, worthOf) {
      const drawn: Genotype[] = [];
      while (drawn.length < count) {
        const genotype = sampler.draw(rng);
        if (genotype === undefined) break;
        sampler.takeOut(genotype);
        drawn.push(genotype);
      }
      if (drawn.length < 2) {
        sampler.reset();
        return drawn;
      }
      const values = drawn.map(worthOf);
      const centre = mean(values);
      const spread = standardDeviation(values) + Number.MIN_VALUE;
      drawn.forEach((genotype, i) => {
        const weight = ((values[i] ?? 0) - centre) / spread / drawn.length;
        controller.addGradient(genotype, () => weight, entropyWeight / drawn.length);
      });
      adam.step(controller.parameters, controller.gradient);
      controller.gradient.fill(0);
      sampler.reset();
      return drawn;
    },
  };
}
