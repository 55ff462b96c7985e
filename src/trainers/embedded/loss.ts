import type { Tensor } from './tensor.ts';

export interface LossReport {
  /** Mean over the images, in nats. */
  readonly loss: number;
  /** Images whose largest logit is that of their label. */
  readonly correct: number;
}

/**
 * Softmax cross-entropy with label smoothing (Szegedy et al. 2016, section 7):
 *   loss = -Σ_k q_k log p_k,   q_k = (1 - ε) [k = label] + ε / classes,   d loss / d logit_k = (p_k - q_k) / images
 * over the first `labels.length` images of the batch. Writes the gradient if there is a place for it, and 0 into its
 * padding, where something else may have been: the weights of the padding would learn from it, and it from them.
 */
export function softmaxCrossEntropy(
  logits: Float32Array,
  { channels: classes, stride }: Pick<Tensor, 'channels' | 'stride'>,
  labels: ArrayLike<number>,
  smoothing: number,
  gradient?: Float32Array,
): LossReport {
  const images = labels.length;
  const background = smoothing / classes;
  let total = 0;
  let correct = 0;
  for (let image = 0; image < images; image++) {
    const start = image * stride;
    const label = labels[image]!;
    let largest = 0;
    for (let k = 1; k < classes; k++) if (logits[start + k]! > logits[start + largest]!) largest = k;
    if (largest === label) correct += 1;
    const highest = logits[start + largest]!;
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(logits[start + k]! - highest);
    const logSum = highest + Math.log(sum);
    gradient?.fill(0, start + classes, start + stride);
    for (let k = 0; k < classes; k++) {
      const logProbability = logits[start + k]! - logSum;
      const target = background + (k === label ? 1 - smoothing : 0);
      total -= target * logProbability;
      if (gradient) gradient[start + k] = (Math.exp(logProbability) - target) / images;
    }
  }
  return { loss: total / images, correct };
}
