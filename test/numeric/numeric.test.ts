import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { createAdam } from '../../src/numeric/adam.ts';
import { entropy, pickOutcome, policyGradient, softmax } from '../../src/numeric/categorical.ts';
import { denseBackward, denseForward } from '../../src/numeric/dense.ts';
import { createLstmStep, lstmBackward, lstmForward } from '../../src/numeric/lstm.ts';
import { approximateKl, clippedSurrogate, movingAverage } from '../../src/numeric/policy-gradient.ts';
import { partialRankCorrelation, rankCorrelation } from '../../src/numeric/rank-correlation.ts';
import { expectGradient } from './finite-differences.ts';

const rng = createRng('numeric');
const random = (length: number): Float64Array => Float64Array.from({ length }, () => rng.normal() / 2);
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

const probabilitiesOf = (logits: ArrayLike<number>): Float64Array => {
  const probabilities = Float64Array.from(logits);
  softmax(probabilities);
  return probabilities;
};

describe('categorical distributions', () => {
  test('softmax of logits ln 1, ln 2, ln 5 is 1/8, 2/8, 5/8, however far the logits are shifted', () => {
    for (const shift of [0, 900, -900]) {
      const probabilities = probabilitiesOf([1, 2, 5].map((x) => Math.log(x) + shift));
      expect([...probabilities].map((p) => p.toFixed(12))).toEqual([
        '0.125000000000',
        '0.250000000000',
        '0.625000000000',
      ]);
    }
  });

  test('a fair coin has ln 2 nats, a sure thing none', () => {
    expect(entropy([0.5, 0.5])).toBeCloseTo(Math.log(2), 12);
    expect(entropy([0, 1])).toBe(0);
  });

  test('an outcome is picked by the part of [0, 1) that holds the draw', () => {
    expect([0, 0.24, 0.25, 0.74, 0.75, 0.999].map((u) => pickOutcome([0.25, 0.5, 0.25], u))).toEqual([
      0, 0, 1, 1, 2, 2,
    ]);
  });

  test('weights need not sum to 1, and what weighs nothing is never picked', () => {
    expect([0, 0.49, 0.5, 0.999].map((u) => pickOutcome([0, 1e-9, 0, 1e-9, 0], u))).toEqual([1, 1, 3, 3]);
    expect(pickOutcome([0, 0], 0.5)).toBe(-1);
  });

  test('gradients agree with finite differences', () => {
    const logits = random(5);
    const gradient = new Float64Array(5);
    const h = policyGradient(probabilitiesOf(logits), 2, 0.7, -0.4, gradient);
    expect(h).toBeCloseTo(entropy(probabilitiesOf(logits)), 12);
    expectGradient(logits, gradient, () => {
      const probabilities = probabilitiesOf(logits);
      return 0.7 * Math.log(probabilities[2]!) - 0.4 * entropy(probabilities);
    });
  });
});

describe('policy gradient', () => {
  test('the surrogate is clipped only where that makes it worse', () => {
    expect(clippedSurrogate(1.5, 1, 0.2)).toEqual({ loss: -1.2, gradient: 0, clipped: true });
    expect(clippedSurrogate(1.5, -1, 0.2)).toEqual({ loss: 1.5, gradient: 1.5, clipped: false });
    expect(clippedSurrogate(0.5, -1, 0.2)).toEqual({ loss: 0.8, gradient: 0, clipped: true });
    expect(clippedSurrogate(0.9, 2, 0.2)).toEqual({ loss: -1.8, gradient: -1.8, clipped: false });
  });

  test('the divergence of a policy from itself is 0 and grows both ways', () => {
    expect(approximateKl(1)).toBe(0);
    expect(approximateKl(2)).toBeCloseTo(1 - Math.log(2), 12);
    expect(approximateKl(0.5)).toBeGreaterThan(0);
  });

  test('the first value of a moving average stands for itself', () => {
    expect(movingAverage(undefined, 3, 0.95)).toBe(3);
    expect(movingAverage(2, 4, 0.75)).toBe(2.5);
  });
});

describe('layers', () => {
  test('dense: gradients agree with finite differences', () => {
    const [parameters, input, weights] = [random(3 * 5), random(4), random(3)];
    const gradient = new Float64Array(parameters.length);
    const inputGradient = new Float64Array(input.length);
    denseBackward(parameters, gradient, input, weights, inputGradient);
    const output = new Float64Array(3);
    const loss = (): number => {
      denseForward(parameters, input, output);
      return dot(output, weights);
    };
    expectGradient(parameters, gradient, loss);
    expectGradient(input, inputGradient, loss);
  });

  test('lstm: with all parameters 0 the gates are ½ and the cell halves', () => {
    const step = createLstmStep(1);
    const before = { hidden: random(1), cell: Float64Array.of(0.8) };
    lstmForward(new Float64Array(4), new Float64Array(4), before, step);
    expect(step.cell[0]).toBeCloseTo(0.4, 12);
    expect(step.hidden[0]).toBeCloseTo(0.5 * Math.tanh(0.4), 12);
  });

  test('lstm: gradients agree with finite differences', () => {
    const n = 3;
    const [weights, input, hidden, cell] = [random(4 * n * n), random(4 * n), random(n), random(n)];
    const [ofHidden, ofCell] = [random(n), random(n)];
    const step = createLstmStep(n);
    const loss = (): number => {
      lstmForward(weights, input, { hidden, cell }, step);
      return dot(step.hidden, ofHidden) + dot(step.cell, ofCell);
    };
    loss();
    const gradients = {
      weights: new Float64Array(weights.length),
      hidden: ofHidden.slice(),
      cell: ofCell.slice(),
      gates: new Float64Array(4 * n),
    };
    const inputGradient = new Float64Array(4 * n);
    lstmBackward(weights, { hidden, cell }, step, gradients, inputGradient);
    expectGradient(weights, gradients.weights, loss);
    expectGradient(input, inputGradient, loss);
    expectGradient(hidden, gradients.hidden, loss);
    expectGradient(cell, gradients.cell, loss);
  });

  test("adam: the first step is the learning rate against the gradient's sign", () => {
    const parameters = Float64Array.of(1, 1);
    createAdam(2, { learningRate: 0.1 }).step(parameters, Float64Array.of(3, -0.01));
    expect(parameters[0]).toBeCloseTo(0.9, 6);
    expect(parameters[1]).toBeCloseTo(1.1, 6);
  });
});

describe('rank correlation', () => {
  test('sees order, not size', () => {
    expect(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
  });

  test('what z explains is taken out', () => {
    const z = [1, 2, 3, 4, 5, 6];
    const x = [2, 1, 4, 3, 6, 5];
    const y = [1, 2, 3, 4, 6, 5];
    const [xy, xz, yz] = [rankCorrelation(x, y), rankCorrelation(x, z), rankCorrelation(y, z)];
    const expected = (xy - xz * yz) / Math.sqrt((1 - xz ** 2) * (1 - yz ** 2));
    expect(partialRankCorrelation(x, y, z)).toBeCloseTo(expected, 12);
    expect(partialRankCorrelation(x, y, z)).toBeLessThan(xy);
  });
});
