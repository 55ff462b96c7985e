import { statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, NasError } from '../base/errors.ts';
import type { DatasetSource } from './dataset.ts';
import { CHANNELS, decodeImages } from './decode-images.ts';
import { holdOut } from './hold-out.ts';
import type { LocatedPool } from './image-pool.ts';
import { listHeldOut } from './list-held-out.ts';

const IMAGE_NAME = /\.(png|jpe?g|webp)$/i;
/** Images for a final measurement, beside `train` as ImageNet has it: no search may see them. */
const TEST_FOLDERS = ['val', 'validation', 'test'];

/**
 * A folder with one sub-folder a class, holding PNG, JPEG and WebP images; or one with such a folder named `train`.
 * Classes are numbered in the order of their names. Only the images that a request chooses are decoded.
 */
export function imageFolder(path: string): DatasetSource {
  const name = `folder:${path}`;
  return {
    name,
    load: async (request) => holdOut(name, await openFolder(path), request),
    list: async (request) => listHeldOut(name, await openFolder(path), request),
  };
}

async function openFolder(path: string): Promise<LocatedPool> {
  const training = await trainingFolder(path);
  const root = resolve(training);
  const classes = await visibleFolders(root);
  if (classes.length < 2) {
    throw new NasError(path, {
      found: classes.length === 0 ? 'no sub-folders' : `one sub-folder (${classes[0]})`,
      expected: 'one sub-folder of images for each of at least two classes',
    });
  }
  const files: string[] = [];
  const labels: number[] = [];
  for (const [label, className] of classes.entries()) {
    const folder = join(root, className);
    // Not devices and pipes, which may never end.
    const images = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .filter((file) => IMAGE_NAME.test(file) && !file.startsWith('.'));
    if (images.length === 0) {
      throw new NasError(join(training, className), {
        found: 'no images',
        expected: 'PNG, JPEG or WebP files',
        next: 'add images of this class or remove the sub-folder',
      });
    }
    for (const image of images.sort()) {
      files.push(join(className, image));
      labels.push(label);
    }
  }
  const fileOf = (index: number): string => files[index] ?? '';
  return {
    classes,
    channels: CHANNELS,
    labels: Uint16Array.from(labels),
    folder: root,
    locate: (index) => ({
      file: fileOf(index),
      offset: 0,
      bytes: statSync(join(root, fileOf(index))).size,
    }),
    read: (indices, resolution, watch) =>
      decodeImages(
        Array.from(indices, (index) => join(root, fileOf(index))).map((name) => ({ name, content: name })),
        resolution,
        watch,
      ),
  };
}

/** Where the class folders are. Beside a `train` those for tests must have the same classes, or it is a mistake. */
async function trainingFolder(path: string): Promise<string> {
  const folders = await visibleFolders(path);
  const train = join(path, 'train');
  const classes = folders.includes('train') ? await visibleFolders(train) : [];
  // A class may be named `train`; then it holds images.
  if (classes.length === 0) return path;
  for (const name of folders.filter((folder) => TEST_FOLDERS.includes(folder))) {
    const others = await visibleFolders(join(path, name));
    const [missing] = classes.filter((className) => !others.includes(className));
    const [foreign] = others.filter((className) => !classes.includes(className));
    if (missing === undefined && foreign === undefined) continue;
    throw new NasError(join(path, name), {
      found: missing === undefined ? `a class that train has not (${foreign})` : `no class ${missing}`,
      expected: `the ${classes.length} classes of ${train}`,
      next: `move its images into one sub-folder a class, or take ${name} away: a search does not use it`,
    });
  }
  return train;
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
