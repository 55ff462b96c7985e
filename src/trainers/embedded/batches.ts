import { type Rng, shuffle } from '../../base/rng.ts';
import type { Dataset, ImageSet } from '../../datasets/dataset.ts';
import type { Recipe } from '../trainer.ts';
import type { Runtime } from './runtime.ts';
import type { Tensor } from './tensor.ts';

/** How training images vary: each draw mirrors and shifts an image anew. */
interface Augmentation extends Pick<Recipe, 'flip' | 'shiftPixels'> {
  readonly rng: Rng;
}

/** Puts images into a network's input, normalised by the mean and standard deviation of each channel. */
export interface BatchLoader {
  /** Loads the images of these indices, at most a batch, and gives their labels. */
  load(images: ImageSet, indices: Int32Array, augmentation?: Augmentation): Uint16Array;
}

export function createBatchLoader(
  runtime: Runtime,
  { mean, standardDeviation, train }: Dataset,
  input: Tensor,
): BatchLoader {
  const imageBytes = train.height * train.width * train.channels;
  const imageFloats = train.height * train.width * input.stride;
  const staging = runtime.allocate(Math.ceil(imageBytes / 4));
  const means = runtime.allocate(train.channels);
  const inverseDeviations = runtime.allocate(train.channels);
  runtime.floats(means, train.channels).set(mean);
  runtime.floats(inverseDeviations, train.channels).set(standardDeviation.map((deviation) => 1 / deviation));

  return {
    load({ pixels, labels, height, width, channels }, indices, augmentation) {
      const stage = runtime.bytes(staging, imageBytes);
      indices.forEach((image, place) => {
        stage.set(pixels.subarray(image * imageBytes, (image + 1) * imageBytes));
        runtime.kernels.normalise_image(
          staging,
          height,
          width,
          channels,
          Number(augmentation?.flip === true && augmentation.rng.uniform() < 0.5),
          drawShift(augmentation),
          drawShift(augmentation),
          means,
          inverseDeviations,
          input.value + 4 * place * imageFloats,
          input.stride,
        );
      });
      return Uint16Array.from(indices, (image) => labels[image]!);
    },
  };
}

function drawShift(augmentation: Augmentation | undefined): number {
  if (augmentation === undefined || augmentation.shiftPixels === 0) return 0;
  return augmentation.rng.integer(2 * augmentation.shiftPixels + 1) - augmentation.shiftPixels;
}

/** Every image once, in a new order each time; only whole batches, so that batch-norm sees equal ones. */
export function* shuffledBatches(images: number, batchSize: number, rng: Rng): Generator<Int32Array> {
  const order = shuffle(
    Int32Array.from({ length: images }, (_, index) => index),
    rng,
  );
  for (let end = batchSize; end <= images; end += batchSize) yield order.subarray(end - batchSize, end);
}

/** Every image once, in order; the last batch may be smaller. */
export function* batchesInOrder(images: number, batchSize: number): Generator<Int32Array> {
  for (let start = 0; start < images; start += batchSize) {
    const length = Math.min(batchSize, images - start);
    yield Int32Array.from({ length }, (_, index) => start + index);
  }
}
