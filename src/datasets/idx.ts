import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf, NasError } from '../base/errors.ts';
import { areaAverage, type SquareImages } from './area-average.ts';
import type { DatasetSource } from './dataset.ts';
import { holdOut } from './hold-out.ts';
import type { ImagePool } from './image-pool.ts';
import { imageSet } from './test-images.ts';

/**
 * A folder with the training files of MNIST and its kin, `train-images-idx3-ubyte` and
 * `train-labels-idx1-ubyte`, plain or gzipped; the format is told at http://yann.lecun.com/exdb/mnist.
 * Classes are named by their numbers, from 0 to the largest label. Test images are those of `t10k-…`, where
 * these are there too.
 */
export function idxFolder(path: string): DatasetSource {
  const name = `idx:${path}`;
  return {
    name,
    load: async (request) => holdOut(name, await openIdx(path), request),
    async loadTest({ resolution, onProgress, signal }) {
      const files = await readdir(path);
      if (!files.some((file) => file.startsWith(TEST))) return undefined;
      const { square, labels } = await readPair(path, TEST);
      const watch = {
        report: (step: string, fraction: number) => onProgress?.(step, fraction),
        signal,
      };
      return imageSet(square, Uint16Array.from(labels.bytes), resolution, watch);
    },
  };
}

/** What the names of the files begin with. */
const TRAINING = 'train';
const TEST = 't10k';

async function readPair(
  path: string,
  part: string,
): Promise<{ readonly square: SquareImages; readonly labels: Idx }> {
  const images = await readIdx(join(path, `${part}-images-idx3-ubyte`), 3);
  const labels = await readIdx(join(path, `${part}-labels-idx1-ubyte`), 1);
  const [count, height = 0, width = 0] = images.sizes;
  if (height !== width || height === 0) {
    throw new NasError(images.file, { found: `images of ${height}×${width}`, expected: 'square images' });
  }
  if (labels.sizes[0] !== count) {
    throw new NasError(labels.file, {
      found: `${labels.sizes[0]} labels`,
      expected: `${count}, one for each image of ${images.file}`,
    });
  }
  return { square: { pixels: images.bytes, side: height, channels: 1 }, labels };
}

async function openIdx(path: string): Promise<ImagePool> {
  const { square, labels } = await readPair(path, TRAINING);
  const classCount = labels.bytes.reduce((largest, label) => Math.max(largest, label), -1) + 1;
  if (classCount < 2) {
    throw new NasError(labels.file, { found: 'fewer than two classes', expected: 'labels 0, 1, …' });
  }
  return {
    classes: Array.from({ length: classCount }, (_, label) => String(label)),
    channels: 1,
    labels: Uint16Array.from(labels.bytes),
    read: (indices, resolution, watch) => areaAverage(square, indices, resolution, watch),
  };
}

interface Idx {
  readonly file: string;
  readonly sizes: readonly number[];
  readonly bytes: Uint8Array;
}

/** An array of unsigned bytes: 0, 0, type 8, rank; one big-endian 32-bit size a dimension; the bytes. */
async function readIdx(path: string, rank: number): Promise<Idx> {
  const { file, content } = await readPlainOrGzipped(path);
  const header = 4 + 4 * rank;
  const magic = 0x0800 + rank;
  if (content.length < header || content.readUInt32BE(0) !== magic) {
    const start = content.subarray(0, 4).toString('hex');
    throw new NasError(file, {
      found: content.length < header ? `${content.length} bytes` : `a file that starts with ${start}`,
      expected: `an idx file of bytes in ${rank} dimensions, which starts with ${hex(magic)}`,
    });
  }
  const sizes = Array.from({ length: rank }, (_, i) => content.readUInt32BE(4 + 4 * i));
  const bytes = content.subarray(header);
  const declared = sizes.reduce((product, size) => product * size, 1);
  if (bytes.length !== declared) {
    throw new NasError(file, {
      found: `${content.length} bytes`,
      expected: `${header + declared} for the ${sizes.join('×')} that its header declares`,
      next: 'get the file again; this one is incomplete',
    });
  }
  return { file, sizes, bytes };
}

/** Twice the largest published set of this form, which is EMNIST; a small file can inflate to a thousand times itself. */
const LARGEST_BYTES = 2 ** 30;

async function readPlainOrGzipped(path: string): Promise<{ file: string; content: Buffer }> {
  const plain = await readFile(path).catch(() => undefined);
  if (plain !== undefined) return { file: path, content: plain };
  const file = `${path}.gz`;
  try {
    return {
      file,
      content: await promisify(gunzip)(await readFile(file), { maxOutputLength: LARGEST_BYTES }),
    };
  } catch (error) {
    throw new NasError(path, {
      found: `neither this file nor ${file} can be read (${messageOf(error)})`,
      expected: 'the training files of MNIST, plain or gzipped',
      cause: error,
    });
  }
}

function hex(magic: number): string {
  return magic.toString(16).padStart(8, '0');
}
