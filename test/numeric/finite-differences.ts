import { expect } from 'vitest';

/** Compares an analytic gradient with central differences of `loss` at some of the parameters. */
export function expectGradient(
  parameters: Float64Array,
  gradient: ArrayLike<number>,
  loss: () => number,
  indices: Iterable<number> = parameters.keys(),
): void {
  const step = 1e-5;
  for (const index of indices) {
    const before = parameters[index]!;
    parameters[index] = before + step;
    const above = loss();
    parameters[index] = before - step;
    const below = loss();
    parameters[index] = before;
    expect(gradient[index], `parameter ${index}`).toBeCloseTo((above - below) / (2 * step), 6);
  }
}
