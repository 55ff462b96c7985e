/**
 * The clipped surrogate loss of one action, −min(r·A, clip(r, 1 − ε, 1 + ε)·A), where
 * r = π(a) / π_old(a) (PPO, arXiv:1707.06347, equation 7), with its derivative by ln π(a): −r·A, or 0 where the
 * clipped term is the smaller one.
 */
export function clippedSurrogate(
  ratio: number,
  advantage: number,
  clip: number,
): { readonly loss: number; readonly gradient: number; readonly clipped: boolean } {
  const free = ratio * advantage;
  const held = Math.min(Math.max(ratio, 1 - clip), 1 + clip) * advantage;
  const clipped = held < free;
  return { loss: -Math.min(free, held), gradient: clipped ? 0 : -free, clipped };
}

/** Schulman's low-variance estimate of KL(π_old ‖ π) from one sample: (r − 1) − ln r. Never negative. */
export function approximateKl(ratio: number): number {
  return ratio - 1 - Math.log(ratio);
}

/** Exponential moving average: decay·before + (1 − decay)·value; the first value stands for itself. */
export function movingAverage(before: number | undefined, value: number, decay: number): number {
  return before === undefined ? value : decay * before + (1 - decay) * value;
}
