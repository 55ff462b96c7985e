import { expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { logProbabilityGradient } from '../../../src/numeric/categorical.ts';
import type { Condition, Decision } from '../../../src/space/decision.ts';
import { INACTIVE } from '../../../src/space/genotype.ts';
import { Controller } from '../../../src/strategies/ppo/controller.ts';
import { createPpo, PPO_DEFAULTS } from '../../../src/strategies/ppo/ppo.ts';
import type { StrategyOptions } from '../../../src/strategies/strategy.ts';
import { expectGradient } from '../../numeric/finite-differences.ts';

const decision = (name: string, options: readonly number[], ...conditions: Condition[]): Decision => ({
  name,
  options,
  ordinal: false,
  places: [{ name, stage: undefined, conditions }],
});
const decisions: readonly Decision[] = [
  decision('a', [0, 1, 2]),
  decision('b', [0, 1], { decision: 0, option: 2 }),
  decision('c', [0, 1, 2, 3]),
];
const logProbability = (controller: Controller, genotype: readonly number[]): number =>
  controller.replay(genotype).reduce((sum, step) => sum + Math.log(step.probabilities[step.choice]!), 0);

test('the probabilities of all genotypes sum to 1, inactive decisions in none of them', () => {
  const controller = new Controller(decisions, 6, createRng('a'));
  let sum = 0;
  for (const a of [0, 1, 2]) {
    for (const b of a === 2 ? [0, 1] : [INACTIVE]) {
      for (const c of [0, 1, 2, 3]) sum += Math.exp(logProbability(controller, [a, b, c]));
    }
  }
  expect(sum).toBeCloseTo(1, 12);
  expect(controller.replay([0, INACTIVE, 3])).toHaveLength(2);
  expect(controller.replay([2, 1, 3])).toHaveLength(3);
});

test('the gradient of a log-probability agrees with finite differences, through time', () => {
  const controller = new Controller(decisions, 4, createRng('b'));
  const genotype = [2, 0, 1];
  const gradient = new Float64Array(controller.parameters.length);
  const steps = controller.replay(genotype);
  controller.backward(
    steps,
    ({ probabilities, choice }) => logProbabilityGradient(probabilities, choice),
    gradient,
  );
  expectGradient(controller.parameters, gradient, () => logProbability(controller, genotype));
});

test('a rewarded choice becomes likelier, and the diagnostics tell of the update', () => {
  const space: StrategyOptions = {
    decisions,
    rng: createRng('c'),
    admits: () => true,
    costs: () => ({ latencyMs: 1, params: 1, macs: 1 }),
    reward: (accuracy) => accuracy,
    seeds: [],
  };
  const strategy = createPpo(space, { ...PPO_DEFAULTS, hiddenUnits: 16, learningRate: 0.02 });
  const share: number[] = [];
  for (let round = 0; round < 3; round++) {
    const asked = strategy.ask(5);
    share.push(asked.filter(([first]) => first === 2).length);
    const diagnostics = strategy.tell(
      asked.map((genotype) => {
        const reward = genotype[0] === 2 ? 1 : 0;
        return { genotype, latencyMs: 1, accuracy: reward, reward };
      }),
    );
    expect(diagnostics.entropy).toBeGreaterThan(0);
    expect(diagnostics.entropy).toBeLessThanOrEqual(Math.log(4));
    expect(diagnostics.approx_kl).toBeGreaterThanOrEqual(0);
  }
  expect(share[2]).toBeGreaterThanOrEqual(share[0]!);
});
