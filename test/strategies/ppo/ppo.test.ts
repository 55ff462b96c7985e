import { expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { createPpo, PPO_DEFAULTS } from '../../../src/strategies/ppo/ppo.ts';
import { createReinforce, REINFORCE_DEFAULTS } from '../../../src/strategies/reinforce/reinforce.ts';
import type { Outcome } from '../../../src/strategies/strategy.ts';
import { decision, optionsOf } from '../spaces.ts';

const decisions = [
  decision('a', 3),
  decision('b', 2, { decision: 0, option: 2 }),
  ...Array.from({ length: 6 }, (_, i) => decision(`c${i}`, 4)),
];
const rewarded = (genotype: readonly number[]): Outcome => {
  const reward = genotype[0] === 2 ? 1 : 0;
  return { genotype, latencyMs: 1, accuracy: reward, reward };
};

test.each([
  [
    'ppo',
    (seed: string) =>
      createPpo(optionsOf({ decisions, rng: createRng(seed) }), { ...PPO_DEFAULTS, batch: 10 }),
  ],
  [
    'reinforce',
    (seed: string) =>
      createReinforce(optionsOf({ decisions, rng: createRng(seed) }), { ...REINFORCE_DEFAULTS, batch: 10 }),
  ],
] as const)('%s: a rewarded choice becomes likelier, and each update tells of itself', (_, create) => {
  let [before, after] = [0, 0];
  for (const seed of ['1', '2', '3', '4']) {
    const strategy = create(seed);
    for (let round = 0; round < 12; round++) {
      const asked = strategy.ask(10);
      const right = asked.filter(([first]) => first === 2).length;
      if (round === 0) before += right;
      if (round === 11) after += right;
      const diagnostics = strategy.tell(asked.map(rewarded));
      expect(diagnostics.entropy).toBeGreaterThan(0);
      expect(diagnostics.entropy).toBeLessThanOrEqual(Math.log(4));
      expect(diagnostics.mean_reward).toBeCloseTo(right / 10, 12);
      expect(diagnostics.explained_variance).toBeLessThanOrEqual(1);
    }
  }
  expect(after).toBeGreaterThan(before + 10);
});

test('ppo learns in batches of its own, however outcomes are grouped', () => {
  const make = () => createPpo(optionsOf({ decisions, rng: createRng('1') }), { ...PPO_DEFAULTS, batch: 6 });
  const [together, apart] = [make(), make()];
  const asked = together.ask(12);
  expect(apart.ask(12)).toEqual(asked);
  together.tell(asked.map(rewarded));
  const told = asked.map((genotype) => apart.tell([rewarded(genotype)]));
  expect(told.map((diagnostics) => Object.keys(diagnostics).length > 0)).toEqual(
    asked.map((_, i) => i % 6 === 5),
  );
  expect(apart.ask(10)).toEqual(together.ask(10));
});

test('ppo tells how far an update led: nowhere at a rate of 0, and further at a higher rate', () => {
  const divergence = (learningRate: number): number => {
    const strategy = createPpo(optionsOf({ decisions, rng: createRng('1') }), {
      ...PPO_DEFAULTS,
      learningRate,
    });
    const { approx_kl: kl = Number.NaN, clip_fraction: clipped = Number.NaN } = strategy.tell(
      strategy.ask(PPO_DEFAULTS.batch).map(rewarded),
    );
    expect(clipped).toBeGreaterThanOrEqual(0);
    return kl;
  };
  expect(divergence(0)).toBeCloseTo(0, 12);
  expect(divergence(0.001)).toBeGreaterThan(0);
  expect(divergence(0.05)).toBeGreaterThan(divergence(0.001));
});
