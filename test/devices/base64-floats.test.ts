import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatsFromBase64, floatsToBase64, fromBase64, toBase64 } from '../../src/devices/base64-floats.ts';

test('bytes are what Node makes of them, and come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = toBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(text)).toEqual(bytes);
    }),
  );
});

test('a model of megabytes goes through', () => {
  const bytes = Uint8Array.from({ length: 3_000_001 }, (_, i) => i % 251);
  expect(Buffer.from(fromBase64(toBase64(bytes))).equals(Buffer.from(bytes))).toBe(true);
});

test('numbers come back to the bit, out of the middle of a buffer too', () => {
  const values = Float32Array.of(0, -0, 1 / 3, Number.NaN, Number.NEGATIVE_INFINITY, 1e-45);
  expect(floatsFromBase64(floatsToBase64(values))).toEqual(values);
  expect(floatsFromBase64(floatsToBase64(values.subarray(2, 4)))).toEqual(values.slice(2, 4));
  expect(floatsFromBase64(toBase64(Uint8Array.of(0, 0, 128, 63, 1)))).toEqual(Float32Array.of(1));
});
