import type { Tensor } from '../embedded/tensor.ts';

/**
 * The probability, by softmax, that the logits give to each image's label, summed over the images. Its mean is the accuracy
 * of guesses drawn from the network's own probabilities: it tells networks apart by fewer images than counting right
 * answers does, which jumps where two classes are close.
 */
export function labelProbability(
  logits: Float32Array,
  { channels: classes, stride }: Pick<Tensor, 'channels' | 'stride'>,
  labels: ArrayLike<number>,
): number {
  let total = 0;
  for (let image = 0; image < labels.length; image++) {
    const start = image * stride;
    let highest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) highest = Math.max(highest, logits[start + k]!);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(logits[start + k]! - highest);
    total += Math.exp(logits[start + labels[image]!]! - highest) / sum;
  }
  return total;
}
