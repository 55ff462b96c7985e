import { describe, expect, it } from 'vitest';
import { emaDecayAt, learningRateAt, statisticsMomentumAt } from '../../src/trainers/schedule.ts';

const LENGTH = { steps: 10, stepsPerEpoch: 2 };

describe('learningRateAt', () => {
  const recipe = { peakLearningRate: 0.8, warmupFraction: 0.2 };

  it('rises linearly to the peak, then falls along half a cosine', () => {
    const rates = [0, 1, 2, 6].map((step) => learningRateAt(step, LENGTH, recipe));
    expect(rates).toEqual([0.4, 0.8, 0.8, 0.4]);
    expect(learningRateAt(9, LENGTH, recipe)).toBeCloseTo(0.4 * (1 + Math.cos((7 / 8) * Math.PI)), 12);
  });

  it('starts at the peak without a warm-up', () => {
    expect(learningRateAt(0, LENGTH, { ...recipe, warmupFraction: 0 })).toBe(0.8);
  });

  it('goes down a staircase after the warm-up', () => {
    const stairs = { ...recipe, schedule: 'exponential', decayEpochs: 1.5, decayFactor: 0.5 } as const;
    const rates = Array.from({ length: 10 }, (_, step) => learningRateAt(step, LENGTH, stairs));
    expect(rates).toEqual([0.4, 0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2]);
  });

  it('takes the stairs of MnasNet where the recipe does not say which', () => {
    const rate = learningRateAt(
      24,
      { steps: 100, stepsPerEpoch: 10 },
      {
        ...{ peakLearningRate: 1, warmupFraction: 0 },
        schedule: 'exponential',
      },
    );
    expect(rate).toBe(0.97);
  });
});

describe('statisticsMomentumAt', () => {
  it('is that of a plain mean at first, and a tenth later', () => {
    expect([0, 1, 3, 9, 500].map(statisticsMomentumAt)).toEqual([1, 0.5, 0.25, 0.1, 0.1]);
  });
});

describe('emaDecayAt', () => {
  it('rises to the decay of the recipe', () => {
    expect([0, 8, 90, 1e6].map((step) => emaDecayAt(step, 0.99))).toEqual([0.1, 0.5, 0.91, 0.99]);
  });
});
