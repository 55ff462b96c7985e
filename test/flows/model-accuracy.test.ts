import { expect, test } from 'vitest';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { accuracyOfModel, type RunModel } from '../../src/flows/model-accuracy.ts';

/** Four images of 1x2 pixels with two channels; the class of each is in its first byte. */
const pixels = new Uint8Array(new SharedArrayBuffer(16));
pixels.set([0, 10, 4, 10, 1, 20, 4, 10, 0, 30, 4, 10, 1, 40, 4, 10]);
const labels = new Uint16Array(new SharedArrayBuffer(8));
labels.set([0, 1, 1, 1]);
const validation = { count: 4, height: 1, width: 2, channels: 2, pixels, labels };
const dataset: Dataset = {
  ...{ name: 'four', digest: 'd', classes: ['a', 'b'], train: validation, validation },
  ...{ mean: [2, 10], standardDeviation: [0.5, 10] },
};

/** Tells the class by the first value, as it is normalised. */
function seer(seen: Float32Array[]): RunModel {
  return async function* (images) {
    for (const image of images) {
      seen.push(image);
      yield image[0] === (0 - 2) / 0.5 ? Float32Array.of(1, 0) : Float32Array.of(0, 1);
    }
  };
}

test('counts the images whose largest output is their label, normalised channel by channel', async () => {
  const seen: Float32Array[] = [];
  const done: number[] = [];
  const result = await accuracyOfModel(seer(seen), dataset, 10, (count) => done.push(count));
  expect(result).toEqual({ accuracy: 3 / 4, correct: 3, images: 4 });
  expect([...seen[1]!]).toEqual([-2, 1, 4, 0]);
  expect(done).toEqual([1, 2, 3, 4]);
});

test('the first images stand for all where there are many', async () => {
  const result = await accuracyOfModel(seer([]), dataset, 2, () => {});
  expect(result).toEqual({ accuracy: 1, correct: 2, images: 2 });
});

test('an answer too few is a defect, not an accuracy', async () => {
  const silent: RunModel = async function* () {};
  await expect(accuracyOfModel(silent, dataset, 4, () => {})).rejects.toThrow(RangeError);
});
