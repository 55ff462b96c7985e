import { expect, test } from 'vitest';
import { clipGradients } from '../../../src/trainers/embedded/gradient-clipping.ts';

test('gradients of a joint norm above the limit are scaled down to it, others are left', () => {
  const gradients = [Float32Array.of(3, 0), Float32Array.of(4)];
  expect(clipGradients(gradients, 10)).toBe(5);
  expect(gradients).toEqual([Float32Array.of(3, 0), Float32Array.of(4)]);
  expect(clipGradients(gradients, 2.5)).toBe(5);
  expect(gradients).toEqual([Float32Array.of(1.5, 0), Float32Array.of(2)]);
});

test('gradients that are not finite are left for the loss to tell', () => {
  const gradients = [Float32Array.of(Number.POSITIVE_INFINITY, 1)];
  expect(clipGradients(gradients, 1)).toBe(Number.POSITIVE_INFINITY);
  expect(gradients[0]?.[1]).toBe(1);
});
