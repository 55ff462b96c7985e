import type { Parameter } from '../embedded/parameters.ts';
import type { Runtime } from '../embedded/runtime.ts';

/** Largest root mean square of a parameter's gradient, as a part of that of its values. */
const MOST_CHANGE = 0.05;

/** Values count as no smaller: the last layer starts small, and scales and shifts start at 0. */
const LEAST_WEIGHT = 0.1;
const LEAST_OTHER = 1;

/**
 * Scales the gradient of one parameter so that rms(gradient) ≤ 0.05 · max(rms(values), least): adaptive gradient clipping
 * (Brock et al. 2021, arXiv:2102.06171, section 4.1), by whole tensors and not by rows. Layers without shortcuts make the
 * gradients of those before them ever larger, and a limit for all together would leave the last ones nothing to learn by.
 * A gradient that has left float32 tells no direction and becomes 0. `count` is that of the values, without padding.
 * Returns whether the gradient was finite.
 */
export function clipToValues(
  gradient: Float32Array,
  values: Float32Array,
  { count, isWeight }: { readonly count: number; readonly isWeight: boolean },
): boolean {
  const size = rms(gradient, count);
  if (!Number.isFinite(size)) {
    gradient.fill(0);
    return false;
  }
  const limit = MOST_CHANGE * Math.max(rms(values, count), isWeight ? LEAST_WEIGHT : LEAST_OTHER);
  if (size > limit) {
    const factor = limit / size;
    for (let i = 0; i < gradient.length; i++) gradient[i]! *= factor;
  }
  return true;
}

/** The gradients of all parameters of a network; whether all were finite. */
export function clipAll(runtime: Runtime, parameters: readonly Parameter[]): boolean {
  let allFinite = true;
  for (const { role, gradient, value, floats, dimensions } of parameters) {
    // Running statistics have none.
    if (gradient === NO_GRADIENT) continue;
    const count = dimensions.reduce((product, size) => product * size, 1);
    const [change, values] = [runtime.floats(gradient, floats), runtime.floats(value, floats)];
    allFinite = clipToValues(change, values, { count, isWeight: role === 'weight' }) && allFinite;
  }
  return allFinite;
}

const NO_GRADIENT = 0;

/** Root mean square of so many values; what is longer is padded with zeros. */
function rms(values: Float32Array, count: number): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i]! * values[i]!;
  return Math.sqrt(squares / count);
}
