import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { digestOf } from '../../base/digest.ts';
import type { Dataset, ImageSet } from '../../datasets/dataset.ts';
import { encodeSafetensors, type StoredTensor } from '../safetensors.ts';

/** Raised when the file holds something else for the same dataset. */
const FORMAT = 1;

/**
 * The dataset as a file that workers read: `train.pixels` [count, height, width, channels], `train.labels`,
 * `validation.…`, `mean` and `standard-deviation`. Its name follows from the dataset's digest, so that it is written
 * once.
 */
export async function datasetFile(dataset: Dataset, folder: string): Promise<string> {
  const path = join(folder, `${digestOf({ format: FORMAT, dataset: dataset.digest })}.safetensors`);
  if (existsSync(path)) return path;
  const { train, validation, mean, standardDeviation } = dataset;
  const tensors = new Map<string, StoredTensor>([
    ...imageTensors('train', train),
    ...imageTensors('validation', validation),
    ['mean', { shape: [mean.length], data: Float32Array.from(mean) }],
    ['standard-deviation', { shape: [mean.length], data: Float32Array.from(standardDeviation) }],
  ]);
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(path, Buffer.from(encodeSafetensors({ tensors, metadata: {} }).buffer));
  return path;
}

function imageTensors(
  part: string,
  { count, height, width, channels, pixels, labels }: ImageSet,
): readonly (readonly [string, StoredTensor])[] {
  return [
    [`${part}.pixels`, { shape: [count, height, width, channels], data: pixels }],
    [`${part}.labels`, { shape: [count], data: Int32Array.from(labels) }],
  ];
}
