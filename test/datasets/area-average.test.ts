import { expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { areaAverage } from '../../src/datasets/area-average.ts';

const watch = { report: () => {}, signal: undefined };

async function average(pixels: readonly number[], side: number, resolution: number, channels = 1) {
  const images = { pixels: Uint8Array.from(pixels), side, channels };
  const count = pixels.length / (side * side * channels);
  const all = Uint32Array.from({ length: count }, (_, i) => i);
  return Array.from(await areaAverage(images, all, resolution, watch));
}

test('halving gives means of two by two pixels, rounded half up', async () => {
  const pixels = [0, 1, 10, 10, 0, 1, 10, 11, 255, 255, 0, 0, 255, 255, 0, 1];
  expect(await average(pixels, 4, 2)).toEqual([1, 10, 255, 0]);
});

test('channels are averaged apart', async () => {
  expect(await average([0, 100, 2, 100, 4, 200, 6, 200], 2, 1, 2)).toEqual([3, 150]);
});

test('a resolution that does not divide the side weighs the pixels on a border by their overlap', async () => {
  // Each new pixel covers one and a half old ones: (1·a + ½·b) / 1.5 along each axis.
  expect(await average([0, 90, 180, 0, 90, 180, 0, 90, 180], 3, 2)).toEqual([30, 150, 30, 150]);
});

test('a larger resolution repeats pixels', async () => {
  expect(await average([10, 20, 30, 40], 2, 4)).toEqual([
    10, 10, 20, 20, 10, 10, 20, 20, 30, 30, 40, 40, 30, 30, 40, 40,
  ]);
});

test.each([1, 2, 3, 4, 6, 12])(
  'box averages of 12×12 to %i×%i are the means of their boxes',
  async (resolution) => {
    const rng = createRng('box');
    const channels = 3;
    const pixels = Array.from({ length: 2 * 12 * 12 * channels }, () => rng.integer(256));
    const box = 12 / resolution;
    const expected: number[] = [];
    for (let image = 0; image < 2; image++) {
      for (let y = 0; y < resolution; y++) {
        for (let x = 0; x < resolution; x++) {
          for (let channel = 0; channel < channels; channel++) {
            let sum = 0;
            for (let dy = 0; dy < box; dy++) {
              for (let dx = 0; dx < box; dx++) {
                sum += pixels[((image * 12 + y * box + dy) * 12 + x * box + dx) * channels + channel]!;
              }
            }
            expected.push(Math.round(sum / (box * box)));
          }
        }
      }
    }
    expect(await average(pixels, 12, resolution, channels)).toEqual(expected);
  },
);

test('only the chosen images are taken, in the order they were chosen', async () => {
  const images = { pixels: Uint8Array.from([1, 2, 3, 4]), side: 1, channels: 1 };
  expect(Array.from(await areaAverage(images, Uint32Array.of(3, 0), 1, watch))).toEqual([4, 1]);
});

test('stops when it is aborted', async () => {
  const images = { pixels: new Uint8Array(4), side: 1, channels: 1 };
  const aborted = { report: () => {}, signal: AbortSignal.abort(new Error('enough')) };
  await expect(areaAverage(images, Uint32Array.of(0), 1, aborted)).rejects.toThrow('enough');
});
