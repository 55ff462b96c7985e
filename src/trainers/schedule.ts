import type { Recipe } from './recipe.ts';

/** MnasNet's, of RMSProp on ImageNet (Tan et al. 2019, section 5). */
const DECAY_EPOCHS = 2.4;
const DECAY_FACTOR = 0.97;

/** How long a training lasts. */
interface TrainingLength {
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/**
 * Learning rate of a step, from 0 to `steps` - 1: a linear warm-up to the peak, which its last step reaches, then
 * half a cosine to 0 (Loshchilov & Hutter 2017, without restarts), or a staircase counted from the end of the
 * warm-up: peak · decayFactor^⌊epochs / decayEpochs⌋.
 */
export function learningRateAt(
  step: number,
  { steps, stepsPerEpoch }: TrainingLength,
  recipe: Pick<Recipe, 'peakLearningRate' | 'warmupFraction' | 'schedule' | 'decayEpochs' | 'decayFactor'>,
): number {
  const { peakLearningRate, warmupFraction, schedule = 'cosine' } = recipe;
  const warmup = Math.round(steps * warmupFraction);
  if (step < warmup) return (peakLearningRate * (step + 1)) / warmup;
  if (schedule === 'exponential') {
    const { decayEpochs = DECAY_EPOCHS, decayFactor = DECAY_FACTOR } = recipe;
    return peakLearningRate * decayFactor ** Math.floor((step - warmup) / (decayEpochs * stepsPerEpoch));
  }
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

/** How much of the moving averages stays at a step, from 0: less at first, so that they soon forget the start. */
export function emaDecayAt(step: number, emaDecay: number): number {
  return Math.min(emaDecay, (1 + step) / (10 + step));
}
