import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { areaAverage } from '../../src/datasets/area-average.ts';
import { channelStatistics } from '../../src/datasets/channel-statistics.ts';
import type { DatasetRequest } from '../../src/datasets/dataset.ts';
import { openDataset } from '../../src/datasets/open-dataset.ts';
import { readSealedFolder, sealFolder } from '../../src/datasets/sealed-folder.ts';

const temporary = mkdtempSync(join(tmpdir(), 'nas datasets '));
afterAll(() => rmSync(temporary, { recursive: true }));
let folders = 0;
const freshFolder = (): string => {
  const folder = join(temporary, String(folders++));
  mkdirSync(folder);
  return folder;
};

const request = (changes: Partial<DatasetRequest> = {}): DatasetRequest => ({
  resolution: 4,
  trainImages: 12,
  validationImages: 6,
  rng: createRng('split'),
  ...changes,
});
const silent = { report: () => {}, signal: undefined };

describe('area average', () => {
  test('is the mean of each box, rounded half up, where the resolution divides the side', async () => {
    const pixels = Uint8Array.from([0, 1, 10, 20, 1, 0, 30, 41, 7, 7, 0, 0, 7, 8, 0, 1]);
    const averaged = await areaAverage({ pixels, side: 4, channels: 1 }, Uint32Array.of(0), 2, silent);
    expect([...averaged]).toEqual([1, 25, 7, 0]);
  });

  test('weighs pixels by the covered part where it does not', async () => {
    const row = [0, 90, 180];
    const pixels = Uint8Array.from([...row, ...row, ...row]);
    const averaged = await areaAverage({ pixels, side: 3, channels: 1 }, Uint32Array.of(0), 2, silent);
    expect([...averaged]).toEqual([30, 150, 30, 150]);
  });

  test('keeps channels apart and takes the images asked for', async () => {
    const pixels = Uint8Array.from([1, 2, 3, 10, 20, 30]);
    const averaged = await areaAverage({ pixels, side: 1, channels: 3 }, Uint32Array.of(1, 0), 1, silent);
    expect([...averaged]).toEqual([10, 20, 30, 1, 2, 3]);
  });
});

test('channel statistics are those of each channel', () => {
  const pixels = new Uint8Array(new SharedArrayBuffer(6));
  pixels.set([0, 10, 4, 10, 8, 10]);
  const { mean, standardDeviation } = channelStatistics({ pixels, channels: 2 });
  expect(mean).toEqual([4, 10]);
  expect(standardDeviation).toEqual([Math.sqrt(32 / 3), 1]);
});

describe('a folder of class folders', () => {
  /** Class i is a plain colour with red = 50·i, so that a label can be told from its pixels. */
  const coloured = async (classes: readonly string[], each: number): Promise<string> => {
    const folder = freshFolder();
    for (const [label, name] of classes.entries()) {
      mkdirSync(join(folder, name));
      for (let i = 0; i < each; i++) {
        const plain = sharp({
          create: { width: 9, height: 6, channels: 3, background: { r: 50 * label, g: 0, b: 200 } },
        });
        await (i % 2 === 0 ? plain.png() : plain.jpeg({ quality: 100 })).toFile(
          join(folder, name, `${i}.${i % 2 === 0 ? 'PNG' : 'jpeg'}`),
        );
      }
    }
    return folder;
  };

  test('gives every image with the label of its folder, PNG and JPEG, cropped to squares', async () => {
    const folder = await coloured(['b', 'a', 'c'], 8);
    const dataset = await openDataset(`folder:${folder}`).load(request());
    expect(dataset.classes).toEqual(['a', 'b', 'c']);
    for (const { count, pixels, labels } of [dataset.train, dataset.validation]) {
      for (let i = 0; i < count; i++) {
        const red = { a: 50, b: 0, c: 100 }[dataset.classes[labels[i]!]!]!;
        expect(Math.abs(pixels[i * 4 * 4 * 3]! - red)).toBeLessThan(4);
      }
    }
    expect([...dataset.validation.labels].sort()).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('the split depends on the seed alone, and training and validation images are apart', async () => {
    const folder = await coloured(['a', 'b'], 10);
    const load = (seed: string) => openDataset(`folder:${folder}`).load(request({ rng: createRng(seed) }));
    const [one, again, other] = [await load('1'), await load('1'), await load('2')];
    expect(again.digest).toBe(one.digest);
    expect(other.digest).not.toBe(one.digest);
    expect(one.train.count + one.validation.count).toBe(18);
  });

  test.each<[string, (folder: string) => void, string]>([
    ['no such folder', (folder) => rmSync(folder, { recursive: true }), 'cannot be read as a folder'],
    [
      'no class',
      () => {},
      'no sub-folders; expected one sub-folder of images for each of at least two classes',
    ],
    ['one class', (folder) => mkdirSync(join(folder, 'only')), 'one sub-folder (only)'],
  ])('%s', async (_, prepare, message) => {
    const folder = freshFolder();
    prepare(folder);
    await expect(openDataset(`folder:${folder}`).load(request())).rejects.toThrow(message);
  });

  test('an empty class, too few images, and a file that is no image, are named', async () => {
    const folder = await coloured(['a', 'b'], 9);
    await expect(openDataset(`folder:${folder}`).load(request({ trainImages: 100 }))).rejects.toThrow(
      '100 training and 6 validation images were asked for; expected at most 18 together',
    );
    writeFileSync(join(folder, 'a', '0.PNG'), 'no image');
    await expect(openDataset(`folder:${folder}`).load(request())).rejects.toThrow(
      `${join(folder, 'a', '0.PNG')}: cannot be read as an image`,
    );
    mkdirSync(join(folder, 'c'));
    await expect(openDataset(`folder:${folder}`).load(request())).rejects.toThrow(
      'no images; expected PNG or JPEG',
    );
  });
});

describe('idx files', () => {
  const COUNT = 20;
  const idx = (sizes: readonly number[], bytes: readonly number[], magic = 0x0800 + sizes.length): Buffer => {
    const header = Buffer.alloc(4 + 4 * sizes.length);
    header.writeUInt32BE(magic, 0);
    for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
    return Buffer.concat([header, Buffer.from(bytes)]);
  };
  const labels = Array.from({ length: COUNT }, (_, i) => i % 2);
  /** Every pixel of image i is 10·label + i. */
  const images = labels.flatMap((label, i) => new Array(64).fill(100 * label + i));
  const write = (imagesFile: Buffer, labelsFile: Buffer, suffix = ''): string => {
    const folder = freshFolder();
    writeFileSync(join(folder, `train-images-idx3-ubyte${suffix}`), imagesFile);
    writeFileSync(join(folder, `train-labels-idx1-ubyte${suffix}`), labelsFile);
    return folder;
  };

  test.each(['', '.gz'])('are read%s', async (suffix) => {
    const pack = suffix === '' ? (file: Buffer) => file : gzipSync;
    const folder = write(pack(idx([COUNT, 8, 8], images)), pack(idx([COUNT], labels)), suffix);
    const { train, validation, classes } = await openDataset(`idx:${folder}`).load(request());
    expect(classes).toEqual(['0', '1']);
    expect(train.channels).toBe(1);
    const seen = [train, validation].flatMap(({ count, pixels, labels }) =>
      Array.from({ length: count }, (_, i) => {
        expect(pixels[i * 16]! >= 100).toBe(labels[i] === 1);
        return pixels[i * 16]!;
      }),
    );
    expect(new Set(seen).size).toBe(18);
  });

  test.each<[string, string, string]>([
    [
      'truncated',
      write(idx([COUNT, 8, 8], images.slice(9)), idx([COUNT], labels)),
      '20×8×8 that its header declares',
    ],
    [
      'of another kind',
      write(idx([COUNT, 8, 8], images, 0x0d03), idx([COUNT], labels)),
      'starts with 00000d03',
    ],
    [
      'with a label too few',
      write(idx([COUNT, 8, 8], images), idx([COUNT - 1], labels.slice(1))),
      '19 labels; expected 20',
    ],
    [
      'of one class',
      write(
        idx([COUNT, 8, 8], images),
        idx(
          [COUNT],
          labels.map(() => 0),
        ),
      ),
      'fewer than two classes',
    ],
    ['missing', freshFolder(), 'train-images-idx3-ubyte'],
  ])('%s are refused', async (_, folder, message) => {
    await expect(openDataset(`idx:${folder}`).load(request())).rejects.toThrow(message);
  });
});

describe('a sealed folder', () => {
  const fill = async (folder: string): Promise<void> => writeFileSync(join(folder, 'pixels'), 'abc');

  test('is whole, or missing, or known to be damaged', async () => {
    const folder = join(freshFolder(), 'sealed');
    expect((await readSealedFolder(folder, ['pixels'])).state).toBe('missing');
    await sealFolder(folder, fill);
    expect(await readSealedFolder(folder, ['pixels'])).toEqual({
      state: 'whole',
      files: { pixels: Buffer.from('abc') },
    });
    writeFileSync(join(folder, 'pixels'), 'abd');
    expect(await readSealedFolder(folder, ['pixels'])).toMatchObject({ state: 'damaged' });
    truncateSync(join(folder, 'pixels'), 1);
    expect(await readSealedFolder(folder, ['pixels'])).toMatchObject({
      reason: 'pixels has 1 bytes instead of 3',
    });
  });

  test('made by two at once is made by the first, and nothing is left of the other', async () => {
    const folder = join(freshFolder(), 'sealed');
    await Promise.all([sealFolder(folder, fill), sealFolder(folder, fill)]);
    expect((await readSealedFolder(folder, ['pixels'])).state).toBe('whole');
    expect(readFileSync(join(folder, 'pixels'), 'utf8')).toBe('abc');
  });

  test('that failed to be filled leaves nothing', async () => {
    const folder = join(freshFolder(), 'sealed');
    await expect(sealFolder(folder, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect((await readSealedFolder(folder, ['pixels'])).state).toBe('missing');
  });
});

test('an unknown dataset is refused with those there are', () => {
  expect(() => openDataset('imagenet')).toThrow("'imagenet'; expected cifar10, folder:PATH");
});
