import type { Recipe } from '../trainer.ts';

/**
 * Learning rate of a step, from 0 to `steps` - 1: a linear warm-up to the peak, which its last step reaches,
 * then half a cosine to 0 (Loshchilov & Hutter 2017, without restarts).
 */
export function learningRateAt(
  step: number,
  steps: number,
  { peakLearningRate, warmupFraction }: Pick<Recipe, 'peakLearningRate' | 'warmupFraction'>,
): number {
  const warmup = Math.round(steps * warmupFraction);
  if (step < warmup) return (peakLearningRate * (step + 1)) / warmup;
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  return 0.5 * peakLearningRate * (1 + Math.cos(Math.PI * progress));
}

/**
 * Weight of a step's batch in the running statistics of batch-norm: the plain mean of all batches for the
 * first ten, an exponential one after that.
 */
export function statisticsMomentumAt(step: number): number {
  return Math.max(0.1, 1 / (step + 1));
}
