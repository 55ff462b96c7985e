import { expect, test } from 'vitest';
import { clipGradients } from '../../../src/trainers/embedded/gradient-clipping.ts';

test('gradients of a joint norm above the limit are scaled down to it, others are left', () => {
  const gradients = [Float32Array.of(3, 0), Float32Array.of(4)];
  expect(clipGradients(gradients, 10)).toBe(5);
  expect(gradients).toEqual([Float32Array.of(3, 0), Float32Array.of(4)]);
  expect(clipGradients(gradients, 2.5)).toBe(5);
  expect(gradients).toEqual([Float32Array.of(1.5, 0), Float32Array.of(2)]);
});

test.each([Number.POSITIVE_INFINITY, Number.NaN])(
  'gradients among which one is %s count for nothing',
  (wild) => {
    const gradients = [Float32Array.of(wild, 1), Float32Array.of(2)];
    expect(clipGradients(gradients, 1)).toBe(wild);
    expect(gradients).toEqual([Float32Array.of(0, 0), Float32Array.of(0)]);
  },
);

test('the largest float32 still has a finite norm', () => {
  const gradients = [new Float32Array(1000).fill(3.4e38)];
  expect(Number.isFinite(clipGradients(gradients, 1))).toBe(true);
  expect(Math.hypot(...gradients[0]!)).toBeCloseTo(1, 5);
});
