import { mean, standardDeviation } from 'simple-statistics';
import { createAdam } from '../../numeric/adam.ts';
import { entropy, entropyGradient, logProbabilityGradient } from '../../numeric/categorical.ts';
import { approximateKl, clippedSurrogate, movingAverage } from '../../numeric/policy-gradient.ts';
import type { Genotype } from '../../space/genotype.ts';
import { drawNew } from '../draw.ts';
import type { Diagnostics, Strategy, StrategyOptions } from '../strategy.ts';
import { Controller } from './controller.ts';

export interface PpoOptions {
  readonly hiddenUnits: number;
  readonly learningRate: number;
  readonly entropyWeight: number;
  /** Decay of the moving average of rewards that serves as baseline. */
  readonly baselineDecay: number;
  /** ε of the clipped surrogate. */
  readonly clip: number;
  /** Passes over each batch of outcomes. */
  readonly epochs: number;
}

/**
 * Differs from the paper: MnasNet samples about 8,000 networks, 20 an update, at a learning rate of 3.5e-4; a
 * search of some dozens of networks learns nothing at that rate. The other values are the paper's.
 */
export const PPO_DEFAULTS: PpoOptions = {
  hiddenUnits: 100,
  learningRate: 5e-3,
  entropyWeight: 1e-5,
  baselineDecay: 0.95,
  clip: 0.2,
  epochs: 5,
};

/**
 * MnasNet's search: an LSTM controller trained by proximal policy optimization (arXiv:1807.11626, section 4.3;
 * arXiv:1707.06347). Every decision of a genotype is an action with the same advantage, the network's reward less
 * the moving-average baseline, in units of the batch's spread. A failed trial counts as reward 0.
 * Differs from the paper: samples that are inadmissible or were proposed before are drawn again, which the
 * probabilities of an update do not know.
 */
export function createPpo(space: StrategyOptions, options: PpoOptions = PPO_DEFAULTS): Strategy {
  const { decisions, rng, admits } = space;
  const controller = new Controller(decisions, options.hiddenUnits, rng.fork('controller'));
  const adam = createAdam(controller.parameters.length, { learningRate: options.learningRate });
  const draws = rng.fork('draws');
  const proposed = new Set<string>();
  let baseline: number | undefined;

  const update = (batch: readonly Episode[]): EpochSums => {
    const gradient = new Float64Array(controller.parameters.length);
    const sums: EpochSums = { kl: 0, clipped: 0, entropy: 0, actions: 0 };
    for (const { genotype, advantage, logProbabilities } of batch) {
      const steps = controller.replay(genotype);
      controller.backward(
        steps,
        ({ probabilities, choice }, position) => {
          const ratio = Math.exp(Math.log(probabilities[choice] ?? 1) - (logProbabilities[position] ?? 0));
          const surrogate = clippedSurrogate(ratio, advantage, options.clip);
          sums.kl += approximateKl(ratio);
          sums.clipped += surrogate.clipped ? 1 : 0;
          sums.entropy += entropy(probabilities);
          sums.actions++;
          const towardsChoice = logProbabilityGradient(probabilities, choice);
          const towardsEntropy = entropyGradient(probabilities);
          return towardsChoice.map(
            (d, i) =>
              (surrogate.gradient * d - options.entropyWeight * (towardsEntropy[i] ?? 0)) / batch.length,
          );
        },
        gradient,
      );
    }
    adam.step(controller.parameters, gradient);
    return sums;
  };

  return {
    ask: (count) => drawNew(count, proposed, () => controller.sample(draws), admits),
    tell(outcomes): Diagnostics {
      if (outcomes.length === 0) return {};
      const rewards = outcomes.map(({ reward }) => reward ?? 0);
      const batchMean = mean(rewards);
      baseline = movingAverage(baseline, batchMean, options.baselineDecay);
      const spread = standardDeviation(rewards);
      const batch = outcomes.map(({ genotype }, i) => ({
        genotype,
        advantage: ((rewards[i] ?? 0) - (baseline ?? 0)) / (spread + 1e-8),
        logProbabilities: controller
          .replay(genotype)
          .map(({ probabilities, choice }) => Math.log(probabilities[choice] ?? 1)),
      }));
      let sums: EpochSums = { kl: 0, clipped: 0, entropy: 0, actions: 1 };
      for (let epoch = 0; epoch < options.epochs; epoch++) sums = update(batch);
      return {
        baseline,
        mean_reward: batchMean,
        entropy: sums.entropy / sums.actions,
        approx_kl: sums.kl / sums.actions,
        clip_fraction: sums.clipped / sums.actions,
      };
    },
  };
}

interface Episode {
  readonly genotype: Genotype;
  readonly advantage: number;
  /** Of each choice, when it was made. */
  readonly logProbabilities: readonly number[];
}

/** Sums over the actions of one pass, for the diagnostics. */
interface EpochSums {
  kl: number;
  clipped: number;
  entropy: number;
  actions: number;
}
