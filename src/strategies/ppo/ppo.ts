import { approximateKl, clippedSurrogate } from '../../numeric/policy-gradient.ts';
import type { Genotype } from '../../space/genotype.ts';
import { createAdvantages } from '../controller/advantages.ts';
import { createPolicy, type PolicyOptions } from '../controller/policy.ts';
import type { Diagnostics, Strategy, StrategyOptions } from '../strategy.ts';

export interface PpoOptions extends PolicyOptions {
  readonly entropyWeight: number;
  /** Decay of the moving average of ranks that serves as baseline. */
  readonly baselineDecay: number;
  /** ε of the clipped surrogate. */
  readonly clip: number;
  /** Outcomes of an update. */
  readonly batch: number;
  /** Passes over the outcomes of an update. */
  readonly epochs: number;
}

/**
 * Differs from the paper: MnasNet samples about 8,000 networks, 20 an update, at a learning rate of 3.5e-4 with 100 hidden
 * units; a search of some hundreds of networks learns nothing at that rate, and does as well with fewer units.
 */
export const PPO_DEFAULTS: PpoOptions = {
  hiddenUnits: 8,
  learningRate: 0.08,
  entropyWeight: 1e-5,
  baselineDecay: 0.95,
  clip: 0.2,
  batch: 10,
  epochs: 2,
};

/**
 * MnasNet's search: an LSTM controller trained by proximal policy optimization (arXiv:1807.11626, section 4.3;
 * arXiv:1707.06347). Every decision of a genotype is an action with the same advantage, the network's; see
 * `createAdvantages`.
 */
export function createPpo(space: StrategyOptions, options: PpoOptions = PPO_DEFAULTS): Strategy {
  const policy = createPolicy(space, options);
  const { controller } = policy;
  const advantages = createAdvantages(options.baselineDecay);
  /** ln π of each choice when it was made, by genotype, of proposals that were not told of yet. */
  const chosen = new Map<string, Float64Array>();
  let waiting: Told[] = [];

  const update = (told: readonly Told[]): Diagnostics => {
    const { values, ...diagnostics } = advantages.of(told.map(({ reward }) => reward));
    const sums = { kl: 0, clipped: 0, entropy: 0, actions: 0 };
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      Object.assign(sums, { kl: 0, clipped: 0, entropy: 0, actions: 0 });
      told.forEach(({ genotype, logProbabilities }, i) => {
        const advantage = values[i] ?? 0;
        const weigh = (logProbability: number, position: number): number => {
          const ratio = Math.exp(logProbability - (logProbabilities[position] ?? 0));
          const surrogate = clippedSurrogate(ratio, advantage, options.clip);
          sums.kl += approximateKl(ratio);
          sums.clipped += surrogate.clipped ? 1 : 0;
          sums.actions++;
          return -surrogate.gradient / told.length;
        };
        sums.entropy += controller.addGradient(genotype, weigh, options.entropyWeight / told.length);
      });
      policy.improve();
    }
    const { kl, clipped, entropy, actions } = sums;
    return {
      ...diagnostics,
      entropy: entropy / actions,
      approx_kl: kl / actions,
      clip_fraction: clipped / actions,
    };
  };

  return {
    ask(count) {
      const asked = policy.propose(count);
      for (const genotype of asked) chosen.set(genotype.join(), controller.logProbabilities(genotype));
      return asked;
    },
    tell(outcomes) {
      let diagnostics: Diagnostics = {};
      for (const { genotype, reward } of outcomes) {
        const key = genotype.join();
        const logProbabilities = chosen.get(key) ?? controller.logProbabilities(genotype);
        chosen.delete(key);
        waiting.push({ genotype, reward, logProbabilities });
        if (waiting.length < options.batch) continue;
        diagnostics = update(waiting);
        waiting = [];
      }
      return diagnostics;
    },
  };
}

interface Told {
  readonly genotype: Genotype;
  readonly reward: number | undefined;
  readonly logProbabilities: Float64Array;
}
