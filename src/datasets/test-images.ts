import { createHash } from 'node:crypto';
import { areaAverage, type SquareImages } from './area-average.ts';
import type { Dataset, ImageSet } from './dataset.ts';
import type { Watch } from './image-pool.ts';

/** All images of a file, in their order. */
export async function imageSet(
  images: SquareImages,
  classIndices: Uint16Array,
  resolution: number,
  watch: Watch,
): Promise<ImageSet> {
  const labels = new Uint16Array(new SharedArrayBuffer(2 * classIndices.length));
  labels.set(classIndices);
  const all = Uint32Array.from(labels, (_, index) => index);
  return {
    count: labels.length,
    height: resolution,
    width: resolution,
    channels: images.channels,
    pixels: await areaAverage(images, all, resolution, watch),
    labels,
  };
}

/**
 * The dataset with its test images in the place of those for validation: what a trainer then validates is the answer.
 * Normalised by the same training images, and of another digest, so that nobody takes the one for the other.
 */
export function testedOn(dataset: Dataset, test: ImageSet): Dataset {
  const digest = createHash('sha256')
    .update(`${dataset.digest} tested on`)
    .update(test.pixels)
    .update(test.labels)
    .digest('hex');
  return { ...dataset, digest, validation: test };
}
