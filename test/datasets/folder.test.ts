import { cp, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import type { DatasetRequest } from '../../src/datasets/dataset.ts';
import { openDataset } from '../../src/datasets/open-dataset.ts';
import { temporaryFolder } from './temporary-folder.ts';

const RED = { r: 255, g: 0, b: 0 };
const GREEN = { r: 0, g: 255, b: 0 };
const BLUE = { r: 0, g: 0, b: 255 };

async function paint(file: string, background: typeof RED, width = 6, height = 6): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await sharp({ create: { width, height, channels: 3, background } }).toFile(file);
}

/** Reds, greens and blues, three images each, as PNG and JPEG. */
async function colours(): Promise<string> {
  const folder = temporaryFolder();
  for (const [name, colour] of Object.entries({ red: RED, green: GREEN, blue: BLUE })) {
    await paint(join(folder, name, 'a.png'), colour);
    await paint(join(folder, name, 'b.jpg'), colour, 9, 5);
    await paint(join(folder, name, 'c.JPEG'), colour, 4, 20);
  }
  return folder;
}

const request = (changes: Partial<DatasetRequest> = {}): DatasetRequest => ({
  resolution: 4,
  trainImages: 6,
  validationImages: 3,
  rng: createRng('folder'),
  ...changes,
});

const load = (folder: string, changes?: Partial<DatasetRequest>) =>
  openDataset(`folder:${folder}`).load(request(changes));

const list = (folder: string) => openDataset(`folder:${folder}`).list!(request());

/** Without the memory that workers share, in which sets of pixels have theirs. */
const plainly = (labels: Uint16Array) => Uint16Array.from(labels);

test('classes are the sub-folders by name, images their pixels in RGB', async () => {
  const folder = await colours();
  await writeFile(join(folder, 'red', 'notes.txt'), 'not an image');
  await mkdir(join(folder, '.git'));
  const { classes, train, validation, name } = await load(folder);
  expect(classes).toEqual(['blue', 'green', 'red']);
  expect(name).toBe(`folder:${folder}`);
  expect(validation.count + train.count).toBe(9);
  for (const { count, pixels, labels } of [train, validation]) {
    for (let image = 0; image < count; image++) {
      const expected = [BLUE, GREEN, RED][labels[image]!]!;
      const [r = 0, g = 0, b = 0] = pixels.subarray(image * 48 + 21, image * 48 + 24);
      // JPEG keeps a pure colour to within a few levels.
      expect(
        Math.max(Math.abs(r - expected.r), Math.abs(g - expected.g), Math.abs(b - expected.b)),
      ).toBeLessThan(4);
    }
  }
});

test('an image is cropped to its middle square', async () => {
  const folder = await colours();
  const wide = Buffer.alloc(12 * 4 * 3, 0);
  for (let y = 0; y < 4; y++) wide.fill(255, (y * 12 + 4) * 3, (y * 12 + 8) * 3);
  await mkdir(join(folder, 'white'));
  const raw = { width: 12, height: 4, channels: 3 } as const;
  await sharp(wide, { raw }).toFile(join(folder, 'white', 'wide.png'));
  const { train, validation } = await load(folder, { trainImages: 7 });
  const set = [train, validation].find(({ labels }) => labels.includes(3))!;
  const at = set.labels.indexOf(3) * 48;
  expect(set.pixels.subarray(at, at + 48).every((byte) => byte === 255)).toBe(true);
});

test('grey, transparent and 16-bit images are read as RGB bytes too', async () => {
  const folder = temporaryFolder();
  await paint(join(folder, 'clear', '1.png'), RED);
  await paint(join(folder, 'grey', '1.png'), RED);
  const square = { width: 2, height: 2 };
  const clear = sharp({ create: { ...square, channels: 4, background: { ...RED, alpha: 0 } } });
  await clear.toFile(join(folder, 'clear', '1.png'));
  const grey = sharp(Buffer.alloc(4, 200), { raw: { ...square, channels: 1 } });
  await grey
    .toColourspace('grey16')
    .png()
    .toFile(join(folder, 'grey', '1.png'));
  const { train, validation } = await load(folder, { resolution: 1, trainImages: 1, validationImages: 1 });
  const both = [train, validation].toSorted((a, b) => a.labels[0]! - b.labels[0]!);
  expect(both.map(({ pixels }) => Array.from(pixels))).toEqual([
    [0, 0, 0],
    [200, 200, 200],
  ]);
});

test('the same folder and seed give the same dataset, however decoding interleaves', async () => {
  const folder = await colours();
  expect(await load(folder)).toEqual(await load(folder));
});

test('tells its progress up to the end', async () => {
  const fractions: number[] = [];
  await load(await colours(), { onProgress: (_, fraction) => fractions.push(fraction) });
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test('an unreadable image is named', async () => {
  const folder = await colours();
  const broken = join(folder, 'green', 'b.jpg');
  await writeFile(broken, 'no pixels here');
  await expect(load(folder)).rejects.toThrow(`${broken}: cannot be read as an image`);
});

test('a class without images is named', async () => {
  const folder = await colours();
  await mkdir(join(folder, 'empty'));
  await expect(load(folder)).rejects.toThrow(
    `${join(folder, 'empty')}: no images; expected PNG, JPEG or WebP files`,
  );
});

test('a link to a folder is a class', async () => {
  const folder = await colours();
  await symlink(join(folder, 'red'), join(folder, 'rouge'));
  expect((await load(folder)).classes).toEqual(['blue', 'green', 'red', 'rouge']);
});

test('of a train beside a val only train is used, and both must have the same classes', async () => {
  const folder = await colours();
  const both = temporaryFolder();
  await cp(folder, join(both, 'train'), { recursive: true });
  await cp(folder, join(both, 'val'), { recursive: true });
  const plain = await load(folder);
  const { name, ...of } = await load(both);
  expect({ ...of, name: plain.name }).toEqual(plain);
  expect(name).toBe(`folder:${both}`);
  await rm(join(both, 'val', 'green'), { recursive: true });
  await expect(load(both)).rejects.toThrow(
    `${join(both, 'val')}: no class green; expected the 3 classes of ${join(both, 'train')}`,
  );
  await paint(join(both, 'val', 'green', '1.png'), GREEN);
  await paint(join(both, 'val', 'greenish', '1.png'), GREEN);
  await expect(load(both)).rejects.toThrow('a class that train has not (greenish)');
});

test('train may be a class', async () => {
  const folder = await colours();
  await cp(join(folder, 'red'), join(folder, 'train'), { recursive: true });
  expect((await load(folder)).classes).toEqual(['blue', 'green', 'red', 'train']);
});

test('a list has the same split, and files where the images are', async () => {
  const folder = await colours();
  const { train, validation, classes } = await load(folder);
  const listed = await list(folder);
  expect(listed.classes).toEqual(classes);
  expect(listed.train).toMatchObject({
    count: 6,
    height: 4,
    width: 4,
    channels: 3,
    labels: plainly(train.labels),
  });
  expect(listed.validation).toMatchObject({ count: 3, labels: plainly(validation.labels) });
  for (const { count, file, offset, bytes, labels } of [listed.train, listed.validation]) {
    for (let image = 0; image < count; image++) {
      const path = listed.files[file[image]!]!;
      expect(dirname(path)).toBe(join(folder, classes[labels[image]!]!));
      expect(offset[image]).toBe(0);
      expect(bytes[image]).toBe((await stat(path)).size);
    }
  }
  expect(new Set(listed.files).size).toBe(9);
  expect(listed.mean).toHaveLength(3);
});

test('the digest of a list follows names and sizes, not where the folder is', async () => {
  const [one, other, changed] = [await colours(), await colours(), await colours()];
  await paint(join(changed, 'red', 'a.png'), GREEN, 100, 100);
  const [a, b, c] = await Promise.all([one, other, changed].map((folder) => list(folder)));
  expect(b!.digest).toBe(a!.digest);
  expect(c!.digest).not.toBe(a!.digest);
});

test('one class is too few', async () => {
  const folder = temporaryFolder();
  await paint(join(folder, 'only', '1.png'), RED);
  await expect(load(folder)).rejects.toThrow('one sub-folder (only)');
});

test('a folder without sub-folders, and one that is not there, are errors with their name', async () => {
  const folder = temporaryFolder();
  await paint(join(folder, 'image.png'), RED);
  await expect(load(folder)).rejects.toThrow(`${folder}: no sub-folders`);
  await expect(load(join(folder, 'nowhere'))).rejects.toThrow(
    `${join(folder, 'nowhere')}: cannot be read as a folder`,
  );
});

test('decoding stops when it is aborted', async () => {
  const abort = new AbortController();
  const loading = load(await colours(), {
    signal: abort.signal,
    onProgress: () => abort.abort(new Error('enough')),
  });
  await expect(loading).rejects.toThrow('enough');
});
