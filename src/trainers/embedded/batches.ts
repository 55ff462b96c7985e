import type { Dataset, ImageSet } from '../../datasets/dataset.ts';
import type { PlannedBatch } from '../batch-plan.ts';
import type { Runtime } from './runtime.ts';
import type { Tensor } from './tensor.ts';

/** Puts images into a network's input, normalised by the mean and standard deviation of each channel. */
export interface BatchLoader {
  /** Loads validation images as they are, at most a batch, and gives their labels. */
  load(indices: Int32Array): Uint16Array;
  /** Loads training images as the plan varies them, and gives their labels. */
  loadVaried(batch: PlannedBatch, cutoutPixels: number): Uint16Array;
}

export function createBatchLoader(
  runtime: Runtime,
  { mean, standardDeviation, train, validation }: Dataset,
  input: Tensor,
): BatchLoader {
  const { height, width, channels } = train;
  const imageBytes = height * width * channels;
  const imageFloats = height * width * input.stride;
  const staging = runtime.allocate(Math.ceil(imageBytes / 4));
  const means = runtime.allocate(channels);
  const inverseDeviations = runtime.allocate(channels);
  runtime.floats(means, channels).set(mean);
  runtime.floats(inverseDeviations, channels).set(standardDeviation.map((deviation) => 1 / deviation));

  const write = ({ pixels }: ImageSet, image: number, place: number, flip = 0, down = 0, right = 0): void => {
    runtime.bytes(staging, imageBytes).set(pixels.subarray(image * imageBytes, (image + 1) * imageBytes));
    runtime.kernels.normalise_image(
      staging,
      height,
      width,
      channels,
      flip,
      down,
      right,
      means,
      inverseDeviations,
      input.value + 4 * place * imageFloats,
      input.stride,
    );
  };

  /** Zeroes, which is the mean, the part of the square that lies in the image. */
  const cut = (place: number, top: number, left: number, side: number): void => {
    const image = runtime.floats(input.value + 4 * place * imageFloats, imageFloats);
    const first = Math.max(0, left);
    const end = Math.min(width, left + side);
    for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
      image.fill(0, (y * width + first) * input.stride, (y * width + end) * input.stride);
    }
  };

  return {
    load(indices) {
      indices.forEach((image, place) => {
        write(validation, image, place);
      });
      return Uint16Array.from(indices, (image) => validation.labels[image]!);
    },
    loadVaried({ indices, flips, shiftsY, shiftsX, cutoutsY, cutoutsX }, cutoutPixels) {
      indices.forEach((image, place) => {
        write(train, image, place, flips[place], shiftsY[place], shiftsX[place]);
        if (cutoutPixels > 0) cut(place, cutoutsY[place]!, cutoutsX[place]!, cutoutPixels);
      });
      return Uint16Array.from(indices, (image) => train.labels[image]!);
    },
  };
}

/** Every image once, in order; the last batch may be smaller. */
export function* batchesInOrder(images: number, batchSize: number): Generator<Int32Array> {
  for (let start = 0; start < images; start += batchSize) {
    const length = Math.min(batchSize, images - start);
    yield Int32Array.from({ length }, (_, index) => start + index);
  }
}
