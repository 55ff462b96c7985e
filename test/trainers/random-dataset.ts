import { createRng } from '../../src/base/rng.ts';
import type { Dataset, ImageSet } from '../../src/datasets/dataset.ts';

function randomImages(count: number, size: number, classes: number, seed: string): ImageSet {
  const rng = createRng(seed);
  const pixels = new Uint8Array(new SharedArrayBuffer(count * size * size * 3));
  const labels = new Uint16Array(new SharedArrayBuffer(2 * count));
  for (let i = 0; i < pixels.length; i++) pixels[i] = rng.integer(256);
  for (let i = 0; i < count; i++) labels[i] = rng.integer(classes);
  return { count, height: size, width: size, channels: 3, pixels, labels };
}

/** Noise with labels drawn by lot: nothing to learn, and much to compute differently. */
export function randomDataset(size: number, images: number, classes: number): Dataset {
  return {
    name: `noise of ${size}x${size}`,
    digest: `noise ${size} ${images} ${classes}`,
    classes: Array.from({ length: classes }, (_, index) => `class ${index}`),
    train: randomImages(images, size, classes, 'train'),
    validation: randomImages(20, size, classes, 'validation'),
    mean: [120, 125, 130],
    standardDeviation: [70, 75, 80],
  };
}
