import { expect, test } from 'vitest';
import { clipToValues } from '../../../src/trainers/supernet/adaptive-clipping.ts';

const rms = (values: Float32Array, count: number): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / count);

test('a gradient within a twentieth of its values stays as it is', () => {
  const gradient = Float32Array.of(0.01, -0.02, 0.03);
  expect(clipToValues(gradient, Float32Array.of(1, 1, 1), { count: 3, isWeight: true })).toBe(true);
  expect(gradient).toEqual(Float32Array.of(0.01, -0.02, 0.03));
});

test('a larger one keeps its direction, padding does not count', () => {
  const gradient = Float32Array.of(3, -4, 0, 0);
  clipToValues(gradient, Float32Array.of(2, 2, 0, 0), { count: 2, isWeight: true });
  expect(rms(gradient, 2)).toBeCloseTo(0.1, 6);
  expect(gradient[1]! / gradient[0]!).toBeCloseTo(-4 / 3, 6);
});

test('small values leave room to grow: weights count as 0.1 at least, others as 1', () => {
  for (const [isWeight, limit] of [
    [true, 0.005],
    [false, 0.05],
  ] as const) {
    const gradient = Float32Array.of(1, 1);
    clipToValues(gradient, new Float32Array(2), { count: 2, isWeight });
    expect(rms(gradient, 2)).toBeCloseTo(limit, 6);
  }
});

test('a gradient that has left float32 becomes 0 and is told of', () => {
  for (const lost of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const gradient = Float32Array.of(1, lost);
    expect(clipToValues(gradient, Float32Array.of(1, 1), { count: 2, isWeight: true })).toBe(false);
    expect(gradient).toEqual(new Float32Array(2));
  }
});
