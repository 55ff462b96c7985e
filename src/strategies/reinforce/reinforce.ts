import type { Genotype } from '../../space/genotype.ts';
import { createAdvantages } from '../controller/advantages.ts';
import { createPolicy, type PolicyOptions } from '../controller/policy.ts';
import type { Diagnostics, Strategy, StrategyOptions } from '../strategy.ts';

export interface ReinforceOptions extends PolicyOptions {
  readonly entropyWeight: number;
  /** Decay of the moving average of ranks that serves as baseline. */
  readonly baselineDecay: number;
  /** Outcomes of an update. */
  readonly batch: number;
}

export const REINFORCE_DEFAULTS: ReinforceOptions = {
  hiddenUnits: 8,
  learningRate: 0.15,
  entropyWeight: 1e-5,
  baselineDecay: 0.95,
  batch: 8,
};

/**
 * REINFORCE (Williams 1992) with an LSTM controller, as in NASNet's first search (arXiv:1611.01578, section 3.2): up the
 * gradient of Σ ln π · advantage, with an exponential moving average as baseline; see `createAdvantages`.
 */
export function createReinforce(
  space: StrategyOptions,
  options: ReinforceOptions = REINFORCE_DEFAULTS,
): Strategy {
  const policy = createPolicy(space, options);
  const advantages = createAdvantages(options.baselineDecay);
  let waiting: { readonly genotype: Genotype; readonly reward: number | undefined }[] = [];

  const update = (told: typeof waiting): Diagnostics => {
    const { values, ...diagnostics } = advantages.of(told.map(({ reward }) => reward));
    let entropy = 0;
    let actions = 0;
    told.forEach(({ genotype }, i) => {
      const weigh = (): number => {
        actions++;
        return (values[i] ?? 0) / told.length;
      };
      entropy += policy.controller.addGradient(genotype, weigh, options.entropyWeight / told.length);
    });
    policy.improve();
    return { ...diagnostics, entropy: entropy / actions };
  };

  return {
    ask: policy.propose,
    tell(outcomes) {
      let diagnostics: Diagnostics = {};
      for (const outcome of outcomes) {
        waiting.push(outcome);
        if (waiting.length < options.batch) continue;
        diagnostics = update(waiting);
        waiting = [];
      }
      return diagnostics;
    },
  };
}
