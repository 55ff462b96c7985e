import { NasError } from '../base/errors.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { StoredImages } from '../store/trainings.ts';
import type { ExportOptions } from './commands/export.ts';
import { prepareDataset } from './prepare.ts';
import type { Work } from './work.ts';

/** The images that weights were trained with, as far as the store knows. */
export interface TrainedImages {
  /** As `nas train` takes it. */
  readonly dataset: string;
  readonly seed: string;
  /** Left out by what is older than its being kept. */
  readonly digest?: string;
  readonly images?: StoredImages;
  /** Of the images in training. */
  readonly resolution: number;
}

/**
 * Reads the images that weights were trained with again, at the size that the network is exported with; or those of
 * `--dataset`. Throws a NasError where they are not to be had.
 */
export async function readImages(
  trained: TrainedImages | undefined,
  options: Pick<ExportOptions, 'dataset'>,
  graph: Graph,
  work: Work,
): Promise<Dataset> {
  const name = options.dataset ?? trained?.dataset;
  if (name === undefined) {
    throw new NasError('--dataset', {
      found: 'weights of no stored training',
      expected: 'the images that they were trained with',
      next: 'add --dataset cifar10, folder:PATH, shards:PATH or idx:PATH',
    });
  }
  const [resolution, , channels] = graph.nodes[0]?.shape ?? [0, 0, 0];
  const validationImages = trained?.images?.validationImages ?? 'tenth';
  const split = { resolution, trainImages: 'rest', validationImages } as const;
  const dataset = await prepareDataset(name, split, trained?.seed ?? '1', work);
  const classes = graph.nodes[graph.output]?.shape[2] ?? 0;
  if (dataset.classes.length !== classes || dataset.train.channels !== channels) {
    throw new NasError(name, {
      found: `${dataset.classes.length} classes, ${dataset.train.channels} channels`,
      expected: `${classes} classes, ${channels} channels, which the network has`,
    });
  }
  const isComparable = options.dataset === undefined && trained?.resolution === resolution;
  if (isComparable && trained.digest !== undefined && trained.digest !== dataset.digest) {
    throw new NasError(name, {
      found: 'other images, or another split of them, than in the training',
      expected: 'those that the weights were trained with',
      next: `add --dataset ${name} to go by these`,
    });
  }
  return dataset;
}

/** The first training images, one after another, normalised; `onImage` is told how many were taken. */
export function* imageValues(
  { train, mean, standardDeviation }: Pick<Dataset, 'train' | 'mean' | 'standardDeviation'>,
  count: number,
  onImage: (done: number) => void,
): Generator<Float32Array, void, undefined> {
  const { height, width, channels, pixels } = train;
  const size = height * width * channels;
  for (let image = 0; image < Math.min(count, train.count); image++) {
    yield Float32Array.from(pixels.subarray(image * size, (image + 1) * size), (value, i) => {
      const channel = i % channels;
      return (value - (mean[channel] ?? 0)) / (standardDeviation[channel] ?? 1);
    });
    onImage(image + 1);
  }
}
