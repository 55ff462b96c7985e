/** Probabilities of a categorical distribution from its logits: softmax, shifted so that nothing overflows. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const probabilities = Float64Array.from(logits);
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of probabilities) largest = Math.max(largest, logit);
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++)
    sum += probabilities[i] = Math.exp(probabilities[i]! - largest);
  for (let i = 0; i < probabilities.length; i++) probabilities[i]! /= sum;
  return probabilities;
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

/** The outcome whose part of [0, 1) holds `uniform`. */
export function pickOutcome(probabilities: ArrayLike<number>, uniform: number): number {
  let cumulative = 0;
  for (let i = 0; i < probabilities.length - 1; i++) {
    cumulative += probabilities[i]!;
    if (uniform < cumulative) return i;
  }
  return probabilities.length - 1;
}

/** ∂ ln p(outcome) / ∂ logits = onehot(outcome) − p */
export function logProbabilityGradient(probabilities: Float64Array, outcome: number): Float64Array {
  const gradient = probabilities.map((p) => -p);
  gradient[outcome]! += 1;
  return gradient;
}

/** ∂ H(p) / ∂ logits = −p·(ln p + H(p)) */
export function entropyGradient(probabilities: Float64Array): Float64Array {
  const h = entropy(probabilities);
  return probabilities.map((p) => (p > 0 ? -p * (Math.log(p) + h) : 0));
}
