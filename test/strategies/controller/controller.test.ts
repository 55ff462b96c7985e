import { expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { type Genotype, INACTIVE } from '../../../src/space/genotype.ts';
import { Controller } from '../../../src/strategies/controller/controller.ts';
import { createSampler } from '../../../src/strategies/controller/sampler.ts';
import { expectGradient } from '../../numeric/finite-differences.ts';
import { decision } from '../spaces.ts';

const decisions = [decision('a', 3), decision('b', 2, { decision: 0, option: 2 }), decision('c', 4)];
const genotypes: readonly Genotype[] = [0, 1, 2].flatMap((a) =>
  (a === 2 ? [0, 1] : [INACTIVE]).flatMap((b) => [0, 1, 2, 3].map((c) => [a, b, c])),
);
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const probability = (controller: Controller, genotype: Genotype): number =>
  Math.exp(sum(controller.logProbabilities(genotype)));

test('the probabilities of all genotypes sum to 1, inactive decisions in none of them', () => {
  const controller = new Controller(decisions, 6, createRng('a'));
  expect(sum(genotypes.map((genotype) => probability(controller, genotype)))).toBeCloseTo(1, 12);
  expect(controller.logProbabilities([0, INACTIVE, 3])).toHaveLength(2);
  expect(controller.logProbabilities([2, 1, 3])).toHaveLength(3);
});

test('with all parameters 0 every option is as likely: ln π of [2, 1, 3] is −ln 3, −ln 2, −ln 4', () => {
  const controller = new Controller(decisions, 6, createRng('a'));
  controller.parameters.fill(0);
  const logs = [...controller.logProbabilities([2, 1, 3])];
  expect(logs.map((log) => log.toFixed(12))).toEqual(
    [3, 2, 4].map((options) => (-Math.log(options)).toFixed(12)),
  );
  const entropy = controller.addGradient([2, 1, 3], () => 0, 0);
  expect(entropy).toBeCloseTo(Math.log(3 * 2 * 4), 12);
});

test('one unit by hand: a bias of ln 3 on the first of two options makes it three times as likely', () => {
  const controller = new Controller([decision('a', 2)], 1, createRng('a'));
  controller.parameters.fill(0);
  // One row of recurrent weights and three tokens (start, two options), 4 gates each; then weight and bias an option.
  controller.parameters[4 + 3 * 4 + 1] = Math.log(3);
  expect(probability(controller, [0])).toBeCloseTo(0.75, 12);
  expect(probability(controller, [1])).toBeCloseTo(0.25, 12);
});

test('the gradient of weighted log-probabilities and entropy agrees with finite differences, through time', () => {
  const controller = new Controller(decisions, 4, createRng('b'));
  for (const genotype of [
    [2, 0, 1],
    [1, INACTIVE, 3],
  ]) {
    const weights = [0.7, -1.3, 0.4];
    controller.gradient.fill(0);
    controller.addGradient(genotype, (_, position) => weights[position]!, 0.3);
    const gradient = controller.gradient.slice();
    expectGradient(controller.parameters, gradient, () => {
      const logs = controller.logProbabilities(genotype);
      const entropy = controller.addGradient(genotype, () => 0, 0);
      return sum(logs.map((log, i) => log * weights[i]!)) + 0.3 * entropy;
    });
  }
});

test('samples follow the policy', () => {
  const controller = new Controller(decisions, 6, createRng('c'));
  for (let i = 0; i < controller.parameters.length; i++) controller.parameters[i]! *= 10;
  const sampler = createSampler(controller, decisions);
  const rng = createRng('draws');
  const counts = new Map<string, number>();
  const draws = 20_000;
  for (let i = 0; i < draws; i++) {
    const key = String(sampler.draw(rng));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const genotype of genotypes) {
    const p = probability(controller, genotype);
    const deviation = Math.sqrt((p * (1 - p)) / draws);
    expect(Math.abs((counts.get(String(genotype)) ?? 0) / draws - p)).toBeLessThan(5 * deviation);
  }
});

test('without those taken out, the others keep their proportions, until none is left', () => {
  const controller = new Controller(decisions, 6, createRng('d'));
  // So sure of one genotype that another one is drawn once in some thousands of times.
  controller.parameters[controller.parameters.length - 1] = 12;
  const sampler = createSampler(controller, decisions);
  const rng = createRng('draws');
  const drawn: string[] = [];
  for (let genotype = sampler.draw(rng); genotype !== undefined; genotype = sampler.draw(rng)) {
    drawn.push(String(genotype));
    sampler.takeOut(genotype);
  }
  expect(drawn.sort()).toEqual(genotypes.map(String).sort());
});
