import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { messageOf, NasError } from '../base/errors.ts';
import type { DatasetSource } from './dataset.ts';
import { holdOut } from './hold-out.ts';
import type { ImagePool, Watch } from './image-pool.ts';

const IMAGE_NAME = /\.(png|jpe?g)$/i;
const CHANNELS = 3;

/**
 * A folder with one sub-folder a class, holding PNG and JPEG images. Classes are numbered in the order of
 * their names. Images are turned upright, cropped to the middle square, scaled and read as RGB.
 * Only the images that a request chooses are decoded.
 */
export function imageFolder(path: string): DatasetSource {
  const name = `folder:${path}`;
  return { name, load: async (request) => holdOut(name, await openFolder(path), request) };
}

async function openFolder(path: string): Promise<ImagePool> {
  const classes = await visibleFolders(path);
  if (classes.length < 2) {
    throw new NasError(path, {
      found: classes.length === 0 ? 'no sub-folders' : `one sub-folder (${classes[0]})`,
      expected: 'one sub-folder of images for each of at least two classes',
    });
  }
  const files: string[] = [];
  const labels: number[] = [];
  for (const [label, className] of classes.entries()) {
    const folder = join(path, className);
    const images = (await readdir(folder)).filter((file) => IMAGE_NAME.test(file) && !file.startsWith('.'));
    if (images.length === 0) {
      throw new NasError(folder, {
        found: 'no images',
        expected: 'PNG or JPEG files',
        next: 'add images of this class or remove the sub-folder',
      });
    }
    for (const image of images.sort()) {
      files.push(join(folder, image));
      labels.push(label);
    }
  }
  return {
    classes,
    channels: CHANNELS,
    labels: Uint16Array.from(labels),
    read: (indices, resolution, watch) =>
      decodeAll(
        Array.from(indices, (index) => files[index] ?? ''),
        resolution,
        watch,
      ),
  };
}

/** Sub-folders and links to folders, sorted by code unit so that every machine numbers them alike. */
async function visibleFolders(path: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
    const folders = await Promise.all(
      names.map(async (name) => (await stat(join(path, name))).isDirectory()),
    );
    return names.filter((_, i) => folders[i]);
  } catch (error) {
    throw new NasError(path, {
      found: `cannot be read as a folder (${messageOf(error)})`,
      expected: 'a folder with one sub-folder of images a class',
      cause: error,
    });
  }
}

async function decodeAll(
  files: readonly string[],
  resolution: number,
  watch: Watch,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const size = resolution * resolution * CHANNELS;
  const pixels = new Uint8Array(new SharedArrayBuffer(files.length * size));
  const queue = inTurn(files);
  let decoded = 0;
  // Each decoder takes from the one queue; an error closes it, so that the others stop as well.
  const decoder = async () => {
    for (const [position, file] of queue) {
      watch.signal?.throwIfAborted();
      pixels.set(await decode(file, resolution), position * size);
      watch.report('decoding images', ++decoded / files.length);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, decoder));
  return pixels;
}

function* inTurn(files: readonly string[]): Generator<[number, string]> {
  yield* files.entries();
}

async function decode(file: string, resolution: number): Promise<Uint8Array> {
  try {
    const { data, info } = await sharp(file)
      .autoOrient()
      .resize(resolution, resolution, { fit: 'cover' })
      .flatten()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== CHANNELS) throw new Error(`it decodes to ${info.channels} channels`);
    return data;
  } catch (error) {
    throw new NasError(file, {
      found: `cannot be read as an image (${messageOf(error)})`,
      expected: 'a PNG or JPEG file',
      next: 'replace or remove the file',
      cause: error,
    });
  }
}
