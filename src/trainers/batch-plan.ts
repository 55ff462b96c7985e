import { type Rng, shuffle } from '../base/rng.ts';
import type { ImageCounts } from '../datasets/dataset.ts';
import type { Recipe } from './recipe.ts';

/**
 * Which training images one step takes, and how each is varied: an image is mirrored, then shifted, then cut out.
 * All arrays are of the batch's length; what a recipe does not ask for is 0 throughout.
 */
export interface PlannedBatch {
  readonly indices: Int32Array;
  /** 1 where the image is mirrored left to right. */
  readonly flips: Uint8Array;
  /** Pixel (y, x) becomes that at (y + shiftsY, x + shiftsX) of the mirrored image, the mean where that is outside. */
  readonly shiftsY: Int8Array;
  readonly shiftsX: Int8Array;
  /** Upper left corner of the square that becomes the mean; it may reach beyond the image on any side. */
  readonly cutoutsY: Int16Array;
  readonly cutoutsX: Int16Array;
}

/** The batches of a training, the same for every trainer: a function of recipe, images and seed alone. */
export interface BatchPlan {
  readonly stepsPerEpoch: number;
  /** The batches of the next epoch. To be gone through to the end before the epoch after it. */
  nextEpoch(): Generator<PlannedBatch, void, undefined>;
}

/**
 * Every epoch takes each image once, in a new order; only whole batches, so that batch-norm sees equal ones.
 * Streams are forks of `rng`, the one of the training's seed: order, augmentation (per image: flip, y, x) and cutout.
 */
export function createBatchPlan(
  recipe: Pick<Recipe, 'batchSize' | 'flip' | 'shiftPixels' | 'cutoutPixels'>,
  { count, height, width }: Pick<ImageCounts, 'count' | 'height' | 'width'>,
  rng: Rng,
): BatchPlan {
  const { batchSize, flip, shiftPixels, cutoutPixels = 0 } = recipe;
  const order = rng.fork('order');
  const augmentation = rng.fork('augmentation');
  const cutout = rng.fork('cutout');

  const drawShift = (): number =>
    shiftPixels === 0 ? 0 : augmentation.integer(2 * shiftPixels + 1) - shiftPixels;
  const drawCorner = (extent: number): number =>
    cutoutPixels === 0 ? 0 : cutout.integer(extent) - (cutoutPixels >> 1);

  const planBatch = (indices: Int32Array): PlannedBatch => {
    const batch = {
      indices,
      flips: new Uint8Array(batchSize),
      shiftsY: new Int8Array(batchSize),
      shiftsX: new Int8Array(batchSize),
      cutoutsY: new Int16Array(batchSize),
      cutoutsX: new Int16Array(batchSize),
    };
    for (let place = 0; place < batchSize; place++) {
      batch.flips[place] = Number(flip && augmentation.uniform() < 0.5);
      batch.shiftsY[place] = drawShift();
      batch.shiftsX[place] = drawShift();
      batch.cutoutsY[place] = drawCorner(height);
      batch.cutoutsX[place] = drawCorner(width);
    }
    return batch;
  };

  return {
    stepsPerEpoch: Math.floor(count / batchSize),
    *nextEpoch() {
      const images = shuffle(
        Int32Array.from({ length: count }, (_, index) => index),
        order,
      );
      for (let end = batchSize; end <= count; end += batchSize) {
        yield planBatch(images.slice(end - batchSize, end));
      }
    },
  };
}
