import type { Dataset } from '../datasets/dataset.ts';

/** Runs a model on images, each as the values of its input, and yields its outputs in their order. */
export type RunModel = (images: Iterable<Float32Array>) => AsyncIterable<Float32Array>;

export interface ModelAccuracy {
  /** In [0, 1]. */
  readonly accuracy: number;
  readonly correct: number;
  /** The first so many of the validation images, which lie in a drawn order. */
  readonly images: number;
}

/**
 * The part of the validation images whose largest output is that of their label; the first of equals counts. Images are
 * normalised as in training. `onImage` is told how many are done.
 */
export async function accuracyOfModel(
  run: RunModel,
  dataset: Dataset,
  images: number,
  onImage: (done: number) => void,
): Promise<ModelAccuracy> {
  const count = Math.min(images, dataset.validation.count);
  let done = 0;
  let correct = 0;
  for await (const outputs of run(normalisedImages(dataset, count))) {
    if (indexOfLargest(outputs) === dataset.validation.labels[done]) correct++;
    done++;
    onImage(done);
  }
  if (done !== count) throw new RangeError(`${done} answers to ${count} images`);
  return { accuracy: correct / count, correct, images: count };
}

/** The first validation images, row by row, channels last: (pixel − mean) / deviation of each channel. */
function* normalisedImages(
  { validation, mean, standardDeviation }: Dataset,
  count: number,
): Generator<Float32Array> {
  const { height, width, channels, pixels } = validation;
  const size = height * width * channels;
  for (let image = 0; image < count; image++) {
    const bytes = pixels.subarray(image * size, (image + 1) * size);
    yield Float32Array.from(bytes, (byte, place) => {
      const channel = place % channels;
      return (byte - (mean[channel] ?? 0)) / (standardDeviation[channel] ?? 1);
    });
  }
}

function indexOfLargest(values: Float32Array): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? 0) ? index : best), 0);
}
