import { describe, expect, it } from 'vitest';
import type { Dataset, ImageSet } from '../../../src/datasets/dataset.ts';
import type { PlannedBatch } from '../../../src/trainers/batch-plan.ts';
import { batchesInOrder, createBatchLoader } from '../../../src/trainers/embedded/batches.ts';
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

/** The first image, varied. */
const varied = (
  changes: Partial<Record<'flip' | 'y' | 'x' | 'cutoutY' | 'cutoutX', number>>,
): PlannedBatch => {
  const { flip = 0, y = 0, x = 0, cutoutY = 0, cutoutX = 0 } = changes;
  return {
    indices: Int32Array.of(0),
    flips: Uint8Array.of(flip),
    shiftsY: Int8Array.of(y),
    shiftsX: Int8Array.of(x),
    cutoutsY: Int16Array.of(cutoutY),
    cutoutsX: Int16Array.of(cutoutX),
  };
};

describe('a batch loader', () => {
  const runtime = createRuntime();
  const input = allocateTensor(runtime, 2, [2, 3, 1]);
  const loader = createBatchLoader(runtime, dataset, input);
  const loaded = () =>
    Array.from(runtime.floats(input.value, input.floats).filter((_, index) => index % input.stride === 0));

  it('normalises the images of its indices and gives their labels', () => {
    expect([...loader.load(Int32Array.of(1, 0))]).toEqual([1, 0]);
    expect(loaded()).toEqual([5, 5.5, 6, 6.5, 7, 7.5, 0, 0.5, 1, 1.5, 2, 2.5]);
  });

  it.each<[string, Parameters<typeof varied>[0], readonly number[]]>([
    ['mirrors', { flip: 1 }, [1, 0.5, 0, 2.5, 2, 1.5]],
    ['shifts, and fills with the mean', { y: 1, x: 1 }, [2, 2.5, 0, 0, 0, 0]],
    ['shifts the other way', { y: -1, x: -1 }, [0, 0, 0, 0, 0, 0.5]],
    ['mirrors before it shifts', { flip: 1, x: 1 }, [0.5, 0, 0, 2, 1.5, 0]],
  ])('%s', (_, changes, expected) => {
    expect([...loader.loadVaried(varied(changes), 0)]).toEqual([0]);
    expect(loaded().slice(0, 6)).toEqual(expected);
  });

  it.each<[string, number, number, number, readonly number[]]>([
    ['a square', 1, 1, 1, [0, 0.5, 1, 1.5, 0, 2.5]],
    ['what lies in the image of a square at its upper left', -1, -1, 2, [0, 0.5, 1, 1.5, 2, 2.5]],
    ['what lies in the image of a square at its lower right', 0, 2, 2, [0, 0.5, 0, 1.5, 2, 0]],
    ['all under a square larger than the image', -2, -2, 9, [0, 0, 0, 0, 0, 0]],
  ])('cuts out %s', (_, cutoutY, cutoutX, side, expected) => {
    loader.loadVaried(varied({ cutoutY, cutoutX }), side);
    expect(loaded().slice(0, 6)).toEqual(expected);
    const padding = runtime.floats(input.value, input.floats).filter((_, index) => index % input.stride > 0);
    expect(padding.every((lane) => lane === 0)).toBe(true);
  });

  it('mirrors and shifts before it cuts out', () => {
    loader.loadVaried(varied({ flip: 1, x: 1, cutoutX: 1 }), 1);
    expect(loaded().slice(0, 6)).toEqual([0.5, 0, 0, 2, 1.5, 0]);
  });
});

describe('batches', () => {
  it('in order cover every image, the last batch with the rest', () => {
    expect([...batchesInOrder(5, 2)].map((batch) => [...batch])).toEqual([[0, 1], [2, 3], [4]]);
  });
});
