import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../../src/base/rng.ts';
import type { Dataset, ImageSet } from '../../../src/datasets/dataset.ts';
import {
  batchesInOrder,
  createBatchLoader,
  shuffledBatches,
} from '../../../src/trainers/embedded/batches.ts';
import { createRuntime } from '../../../src/trainers/embedded/runtime.ts';
import { allocateTensor } from '../../../src/trainers/embedded/tensor.ts';

/** Two images of 2x3 pixels in one channel: 1 to 6 and 11 to 16. */
const pixels = new Uint8Array(new SharedArrayBuffer(12));
pixels.set([1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16]);
const labels = new Uint16Array(new SharedArrayBuffer(4));
labels.set([0, 1]);
const images: ImageSet = { count: 2, height: 2, width: 3, channels: 1, pixels, labels };
const dataset: Dataset = {
  name: 'digits',
  digest: 'digits',
  classes: ['low', 'high'],
  train: images,
  validation: images,
  mean: [1],
  standardDeviation: [2],
};

describe('a batch loader', () => {
  const runtime = createRuntime();
  const input = allocateTensor(runtime, 2, [2, 3, 1]);
  const loader = createBatchLoader(runtime, dataset, input);
  const loaded = () =>
    Array.from(runtime.floats(input.value, input.floats).filter((_, index) => index % input.stride === 0));
  /** Draws whatever the test says. */
  const draws = (uniform: number, integer: number): Rng => ({
    ...createRng('unused'),
    uniform: () => uniform,
    integer: () => integer,
  });

  it('normalises the images of its indices and gives their labels', () => {
    expect([...loader.load(images, Int32Array.of(1, 0))]).toEqual([1, 0]);
    expect(loaded()).toEqual([5, 5.5, 6, 6.5, 7, 7.5, 0, 0.5, 1, 1.5, 2, 2.5]);
  });

  it('mirrors', () => {
    loader.load(images, Int32Array.of(0), { flip: true, shiftPixels: 0, rng: draws(0.4, 0) });
    expect(loaded().slice(0, 6)).toEqual([1, 0.5, 0, 2.5, 2, 1.5]);
  });

  it('shifts, and fills with the mean', () => {
    loader.load(images, Int32Array.of(0), { flip: false, shiftPixels: 1, rng: draws(0, 2) });
    expect(loaded().slice(0, 6)).toEqual([2, 2.5, 0, 0, 0, 0]);
    loader.load(images, Int32Array.of(0), { flip: false, shiftPixels: 1, rng: draws(0, 0) });
    expect(loaded().slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0.5]);
  });
});

describe('batches', () => {
  it('in order cover every image, the last batch with the rest', () => {
    expect([...batchesInOrder(5, 2)].map((batch) => [...batch])).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('shuffled are whole, and hold no image twice', () => {
    const batches = [...shuffledBatches(11, 4, createRng('order'))];
    expect(batches.map((batch) => batch.length)).toEqual([4, 4]);
    expect(new Set(batches.flatMap((batch) => [...batch])).size).toBe(8);
  });
});
