import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '../../src/base/rng.ts';
import { cacheFolder } from '../../src/datasets/cache-folder.ts';

/** Of the photographs' rows and columns. */
export const SIDE = 32;
const BYTES = SIDE * SIDE * 3;
/** Of CIFAR-10's training images. */
const NORMALISATION = { mean: [125.3, 123, 113.9], standardDeviation: [63, 62.1, 66.7] } as const;

/**
 * Normalised photographs [count, 32, 32, 3]: the first of CIFAR-10 where a search has put them into the cache, otherwise
 * drawn ones, which like photographs are smooth and far from independent between channels.
 */
export function photographs(count: number): Float32Array {
  const file = join(cacheFolder(), 'datasets', 'cifar10', 'train.pixels');
  const pixels = new Uint8Array(count * BYTES);
  if (existsSync(file)) {
    const opened = openSync(file, 'r');
    readSync(opened, pixels);
    closeSync(opened);
  } else pixels.set(drawn(count));
  const { mean, standardDeviation } = NORMALISATION;
  return Float32Array.from(pixels, (pixel, i) => (pixel - mean[i % 3]!) / standardDeviation[i % 3]!);
}

/** Waves of a few lengths and directions, each of one colour. */
function drawn(count: number): Uint8Array {
  const rng = createRng('photographs');
  const pixels = new Uint8Array(count * BYTES);
  for (let image = 0; image < count; image++) {
    const waves = Array.from({ length: 6 }, () => ({
      ...{ down: rng.normal() / 4, right: rng.normal() / 4, phase: 6.3 * rng.uniform() },
      colour: [rng.normal(), rng.normal(), rng.normal()],
    }));
    for (let i = 0; i < BYTES; i++) {
      const [y, x] = [Math.floor(i / (SIDE * 3)), Math.floor(i / 3) % SIDE];
      const sum = waves.reduce(
        (total, { down, right, phase, colour }) =>
          total + (30 + 20 * colour[i % 3]!) * Math.sin(down * y + right * x + phase),
        128,
      );
      pixels[image * BYTES + i] = Math.max(0, Math.min(255, Math.round(sum)));
    }
  }
  return pixels;
}
