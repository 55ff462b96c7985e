import { createRng } from '../../src/base/rng.ts';
import type { Dataset, ImageSet } from '../../src/datasets/dataset.ts';

const SIZE = 8;
const CHANNELS = 3;

/** Noise with one of four stripe patterns in it: lying, standing, and the two diagonals. */
function toyImages(count: number, seed: string): ImageSet {
  const rng = createRng(seed);
  const bytes = count * SIZE * SIZE * CHANNELS;
  const pixels = new Uint8Array(new SharedArrayBuffer(bytes));
  const labels = new Uint16Array(new SharedArrayBuffer(2 * count));
  let place = 0;
  for (let image = 0; image < count; image++) {
    const label = rng.integer(4);
    labels[image] = label;
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) {
        const phase = [y, x, x + y, x - y + SIZE][label]! % 4;
        for (let c = 0; c < CHANNELS; c++)
          pixels[place++] = 128 + (phase < 2 ? 30 : -30) + rng.integer(80) - 40;
      }
  }
  return { count, height: SIZE, width: SIZE, channels: CHANNELS, pixels, labels };
}

export const TOY_DATASET: Dataset = {
  name: 'stripes',
  digest: 'stripes',
  classes: ['lying', 'standing', 'falling', 'rising'],
  train: toyImages(1000, 'train'),
  validation: toyImages(203, 'validation'),
  mean: [128, 128, 128],
  standardDeviation: [40, 40, 40],
};
