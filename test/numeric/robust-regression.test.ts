import { expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { robustRegression } from '../../src/numeric/robust-regression.ts';

const truth = [2, -1, 0.5];
const rng = createRng('regression');
const rows = Array.from({ length: 40 }, () => truth.map(() => rng.normal()));
const exact = rows.map((row) => row.reduce((sum, x, i) => sum + x * truth[i]!, 0));
const PRIOR = [0, 0, 0];
const PULLS = [1e-9, 1e-9, 1e-9];

test('points of a linear law give the law', () => {
  for (const [i, value] of robustRegression(rows, exact, PRIOR, PULLS).entries()) {
    expect(value).toBeCloseTo(truth[i]!, 6);
  }
});

test('a few points far off do not bend it, as they do with least squares', () => {
  const spoilt = exact.map((y, i) => (i % 10 === 0 ? y + 50 : y + 0.01 * rng.normal()));
  robustRegression(rows, spoilt, PRIOR, PULLS).forEach((value, i) => {
    expect(Math.abs(value - truth[i]!)).toBeLessThan(0.1);
  });
});

test('without points the prior stands; a strong pull holds against them', () => {
  expect(robustRegression([], [], [1, 2], [1, 1])).toEqual([1, 2]);
  const [pulled = 0] = robustRegression([[1], [1]], [3, 3], [1], [1e9]);
  expect(pulled).toBeCloseTo(1, 6);
});
