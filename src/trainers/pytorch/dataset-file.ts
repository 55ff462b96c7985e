import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { digestOf } from '../../base/digest.ts';
import type { ImageList, ImageSet, TrainingData } from '../../datasets/dataset.ts';
import { encodeSafetensors, type StoredTensor } from '../safetensors.ts';

/** Raised when the file holds something else for the same dataset. */
const FORMAT = 1;

type NamedTensor = readonly [string, StoredTensor];

/**
 * The dataset as a file that workers read: `mean`, `standard-deviation` and of each part, `train` and `validation`,
 * `….labels` beside `….pixels` [count, height, width, channels]. Where images lie in files: `paths`, with a NUL after
 * each, and of each part `….file`, `….offset` and `….bytes`, and `….size`: [height, width, channels]. The file's name
 * follows from the dataset, so that it is written once.
 */
export async function datasetFile(dataset: TrainingData, folder: string): Promise<string> {
  const { digest, mean, standardDeviation } = dataset;
  const files = 'files' in dataset ? dataset.files : undefined;
  const path = join(folder, `${digestOf({ format: FORMAT, dataset: digest, files })}.safetensors`);
  if (existsSync(path)) return path;
  const tensors = new Map<string, StoredTensor>([
    ...imageTensors(dataset),
    ['mean', { shape: [mean.length], data: Float32Array.from(mean) }],
    ['standard-deviation', { shape: [mean.length], data: Float32Array.from(standardDeviation) }],
  ]);
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(path, Buffer.from(encodeSafetensors({ tensors, metadata: {} }).buffer));
  return path;
}

function imageTensors(dataset: TrainingData): readonly NamedTensor[] {
  if (!('files' in dataset)) return partsOf(dataset).flatMap(pixelTensors);
  const paths = Buffer.from(dataset.files.map((file) => `${file}\0`).join(''));
  return [['paths', { shape: [paths.length], data: paths }], ...partsOf(dataset).flatMap(listTensors)];
}

function partsOf<Images>({ train, validation }: { readonly train: Images; readonly validation: Images }) {
  return [
    ['train', train],
    ['validation', validation],
  ] as const;
}

function pixelTensors([part, images]: readonly [string, ImageSet]): readonly NamedTensor[] {
  const { count, height, width, channels, pixels } = images;
  return [
    [`${part}.pixels`, { shape: [count, height, width, channels], data: pixels }],
    labelTensor(part, images),
  ];
}

function listTensors([part, images]: readonly [string, ImageList]): readonly NamedTensor[] {
  const { count, height, width, channels, file, offset, bytes } = images;
  return [
    [`${part}.size`, { shape: [3], data: Int32Array.of(height, width, channels) }],
    [`${part}.file`, { shape: [count], data: file }],
    [`${part}.offset`, { shape: [count], data: offset }],
    [`${part}.bytes`, { shape: [count], data: bytes }],
    labelTensor(part, images),
  ];
}

function labelTensor(part: string, { labels }: ImageSet | ImageList): NamedTensor {
  return [`${part}.labels`, { shape: [labels.length], data: Int32Array.from(labels) }];
}
