import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import type { ImageList, ImageSet, TrainingData } from '../datasets/dataset.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { encodeSafetensors, type StoredTensor } from './safetensors.ts';
import { readSafetensors } from './weight-files.ts';

/** Raised when the file holds something else for the same dataset. */
const FORMAT = 2;

type NamedTensor = readonly [string, StoredTensor];

/**
 * The dataset as a file that workers read: `mean`, `standard-deviation` and of each part, `train` and `validation`,
 * `….labels` beside `….pixels` [count, height, width, channels]. Where images lie in files: `paths`, with a NUL after
 * each, and of each part `….file`, `….offset` and `….bytes`, and `….size`: [height, width, channels]. The metadata hold
 * its `name`, its `digest` and, as `exact` and in JSON, its classes and both statistics in full precision. The file's name follows from the dataset, so that it is written once.
 */
export async function datasetFile(dataset: TrainingData, folder: string): Promise<string> {
  const { name, digest, classes, mean, standardDeviation } = dataset;
  const files = 'files' in dataset ? dataset.files : undefined;
  const path = join(folder, `${digestOf({ format: FORMAT, dataset: digest, files })}.safetensors`);
  if (existsSync(path)) return path;
  const tensors = new Map<string, StoredTensor>([
    ...imageTensors(dataset),
    ['mean', { shape: [mean.length], data: Float32Array.from(mean) }],
    ['standard-deviation', { shape: [mean.length], data: Float32Array.from(standardDeviation) }],
  ]);
  const metadata = { name, digest, exact: JSON.stringify({ classes, mean, standardDeviation }) };
  await mkdir(folder, { recursive: true });
  writeWholeFile(path, encodeSafetensors({ tensors, metadata }));
  return path;
}

const metadataSchema = z.object({ name: z.string(), digest: z.string(), exact: z.string() });
const exactSchema = z.object({
  classes: z.array(z.string()),
  mean: z.array(z.number()),
  standardDeviation: z.array(z.number()),
});

/** What `datasetFile` wrote. Throws a NasError for anything else. */
export function readDatasetFile(path: string): TrainingData {
  const { tensors, metadata } = readSafetensors(path);
  const { name, digest, exact } = parseWith(metadataSchema, metadata, `${path}: metadata`);
  const tensor = <Data extends StoredTensor['data']>(
    key: string,
    kind: abstract new (...given: never[]) => Data,
  ): StoredTensor & { readonly data: Data } => {
    const found = tensors.get(key);
    if (found?.data instanceof kind) return { ...found, data: found.data };
    throw new NasError(path, {
      found: `no ${key} of ${kind.name}`,
      expected: 'a dataset that nas has written',
    });
  };
  const labels = (part: string): Uint16Array<SharedArrayBuffer> => {
    const { data } = tensor(`${part}.labels`, Int32Array);
    const copy = new Uint16Array(new SharedArrayBuffer(2 * data.length));
    copy.set(data);
    return copy;
  };
  const facts = {
    ...{ name, digest },
    ...parseWith(exactSchema, parseJson(exact, path), path),
  };
  if (!tensors.has('paths')) {
    const images = (part: string): ImageSet => {
      const { shape, data } = tensor(`${part}.pixels`, Uint8Array);
      const [count = 0, height = 0, width = 0, channels = 0] = shape;
      return { count, height, width, channels, pixels: sharedBytes(data), labels: labels(part) };
    };
    return { ...facts, train: images('train'), validation: images('validation') };
  }
  const list = (part: string): ImageList => {
    const [height = 0, width = 0, channels = 0] = tensor(`${part}.size`, Int32Array).data;
    const file = tensor(`${part}.file`, Int32Array).data;
    return {
      ...{ count: file.length, height, width, channels, file },
      offset: tensor(`${part}.offset`, Float64Array).data,
      bytes: tensor(`${part}.bytes`, Int32Array).data,
      labels: labels(part),
    };
  };
  const paths = Buffer.from(tensor('paths', Uint8Array).data).toString();
  return {
    ...{ ...facts, files: paths.split('\0').slice(0, -1) },
    ...{ train: list('train'), validation: list('validation') },
  };
}

/** In memory that workers share. */
function sharedBytes(values: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(values.length));
  copy.set(values);
  return copy;
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
