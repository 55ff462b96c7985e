import type { Recipe } from '../../src/trainers/trainer.ts';

/** By which the toy network learns the toy images in a second. */
export const TOY_RECIPE: Recipe = {
  epochs: 3,
  batchSize: 32,
  peakLearningRate: 0.1,
  warmupFraction: 0.15,
  momentum: 0.9,
  weightDecay: 5e-4,
  labelSmoothing: 0.05,
  flip: false,
  shiftPixels: 1,
};
