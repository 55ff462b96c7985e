/** Turns logits into the probabilities of a categorical distribution, in place: softmax, shifted so that nothing overflows. */
export function softmax(logits: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += logits[i] = Math.exp(logits[i]! - largest);
  for (let i = 0; i < logits.length; i++) logits[i]! /= sum;
}

/** H(p) = −Σ p·ln p, in nats; an impossible outcome adds nothing. */
export function entropy(probabilities: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
}

/**
 * The outcome whose part of [0, 1) holds `uniform`, where outcomes have parts in proportion to their weights, which need
 * not sum to 1. One of weight 0 is never picked; −1 where all are.
 */
export function pickOutcome(weights: ArrayLike<number>, uniform: number): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]!;
  let left = uniform * total;
  let picked = -1;
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i]! > 0)) continue;
    picked = i;
    left -= weights[i]!;
    if (left < 0) break;
  }
  return picked;
}

/**
 * The gradient of a·ln p(outcome) + b·H(p) by the logits: a·(onehot(outcome) − p) − b·p·(ln p + H). Returns H, in nats.
 */
export function policyGradient(
  probabilities: Float64Array,
  outcome: number,
  a: number,
  b: number,
  gradient: Float64Array,
): number {
  const h = entropy(probabilities);
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    gradient[i] = -a * p - (p > 0 ? b * p * (Math.log(p) + h) : 0);
  }
  gradient[outcome]! += a;
  return h;
}
