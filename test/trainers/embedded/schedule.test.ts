import { describe, expect, it } from 'vitest';
import { learningRateAt, statisticsMomentumAt } from '../../../src/trainers/embedded/schedule.ts';

describe('learningRateAt', () => {
  const recipe = { peakLearningRate: 0.8, warmupFraction: 0.2 };

  it('rises linearly to the peak, then falls along half a cosine', () => {
    const rates = [0, 1, 2, 6].map((step) => learningRateAt(step, 10, recipe));
    expect(rates).toEqual([0.4, 0.8, 0.8, 0.4]);
    expect(learningRateAt(9, 10, recipe)).toBeCloseTo(0.4 * (1 + Math.cos((7 / 8) * Math.PI)), 12);
  });

  it('starts at the peak without a warm-up', () => {
    expect(learningRateAt(0, 10, { ...recipe, warmupFraction: 0 })).toBe(0.8);
  });
});

describe('statisticsMomentumAt', () => {
  it('is that of a plain mean at first, and a tenth later', () => {
    expect([0, 1, 3, 9, 500].map(statisticsMomentumAt)).toEqual([1, 0.5, 0.25, 0.1, 0.1]);
  });
});
