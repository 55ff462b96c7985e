import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import type { DatasetRequest } from '../../src/datasets/dataset.ts';
import { openDataset } from '../../src/datasets/open-dataset.ts';
import { writeShard } from './shards.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** One colour of grey, by which an image is known. */
const grey = (level: number, format: 'png' | 'jpeg' | 'webp' = 'png'): Promise<Buffer> =>
  sharp({ create: { width: 6, height: 9, channels: 3, background: { r: level, g: level, b: level } } })
    .toFormat(format, { quality: 100 })
    .toBuffer();

const request = (changes: Partial<DatasetRequest> = {}): DatasetRequest => ({
  resolution: 2,
  trainImages: 4,
  validationImages: 2,
  rng: createRng('shards'),
  ...changes,
});
const load = (folder: string, changes?: Partial<DatasetRequest>) =>
  openDataset(`shards:${folder}`).load(request(changes));

/** Two shards of three samples of two classes: class 0 is dark, class 1 is bright. */
async function shards(folder = temporaryFolder()): Promise<string> {
  writeShard(join(folder, 'set-000000.tar'), {
    '0001.cls': '0',
    '0001.jpg': await grey(10, 'jpeg'),
    '0001.json': '{}',
    '0002.png': await grey(210),
    '0002.cls': '1\n',
    'deep/er/0003.webp': await grey(20, 'webp'),
    'deep/er/0003.cls': '0',
  });
  const long = 'a name of more than a hundred characters '.repeat(4).trim();
  writeShard(join(folder, 'set-000001.tar'), {
    [`${long}.jpeg`]: await grey(220, 'jpeg'),
    [`${long}.cls`]: '1',
    'more.seg.png': 'of a sample without an image of its own',
    '5.jpg': await grey(30, 'jpeg'),
    '5.cls': '0',
    '6.PNG': await grey(230),
    '6.CLS': '1',
  });
  return folder;
}

test('images and labels of all shards, however they are named and encoded', async () => {
  const folder = await shards();
  const { classes, train, validation } = await load(folder);
  expect(classes).toEqual(['0', '1']);
  const levels: number[] = [];
  for (const { count, pixels, labels } of [train, validation]) {
    for (let image = 0; image < count; image++) {
      const level = Math.round(pixels[image * 12]! / 10) * 10;
      levels.push(level);
      expect(labels[image]).toBe(level > 100 ? 1 : 0);
    }
  }
  expect(levels.sort((a, b) => a - b)).toEqual([10, 20, 30, 210, 220, 230]);
});

test('a list has the same split, and the bytes of the images are where it says', async () => {
  const folder = await shards();
  const [loaded, listed] = [await load(folder), await openDataset(`shards:${folder}`).list!(request())];
  for (const part of ['train', 'validation'] as const) {
    const { count, file, offset, bytes, labels } = listed[part];
    expect([...labels]).toEqual([...loaded[part].labels]);
    for (let image = 0; image < count; image++) {
      const archive = await readFile(listed.files[file[image]!]!);
      const content = archive.subarray(offset[image], offset[image]! + bytes[image]!);
      const { data } = await sharp(content).resize(2, 2).raw().toBuffer({ resolveWithObject: true });
      expect(data[0]).toBe(loaded[part].pixels[image * 12]);
    }
  }
});

test('shards for validation or tests are left alone', async () => {
  const [folder, plain] = [await shards(), await shards()];
  for (const name of ['imagenet-val-0.tar', 'test.tar', 'validation_1.tar']) {
    await writeFile(join(folder, name), 'not even a tar');
  }
  expect((await load(folder)).digest).toBe((await load(plain)).digest);
  const nested = temporaryFolder();
  await shards(join(nested, 'train'));
  await writeFile(join(nested, 'other.tar'), 'not even a tar');
  expect((await load(nested)).digest).toBe((await load(plain)).digest);
});

test.each<[string, (folder: string) => Promise<void> | void, string]>([
  ['no shards', () => {}, 'no .tar files; expected .tar files of KEY.jpg beside KEY.cls'],
  [
    'validation alone',
    (folder) => writeShard(join(folder, 'val-0.tar'), { 'a.cls': '0' }),
    'validation or test shards alone (val-0.tar)',
  ],
  [
    'an image without a label',
    async (folder) => writeShard(join(folder, 'a.tar'), { 'x.png': await grey(1), 'y.cls': '1' }),
    'a.tar: x.png without a x.cls; expected an image (jpg, jpeg, png, webp) beside a .cls',
  ],
  [
    'a label without an image',
    (folder) => writeShard(join(folder, 'a.tar'), { 'x.cls': '1' }),
    'a.tar: x.cls without an image',
  ],
  [
    'a label that is none',
    async (folder) => writeShard(join(folder, 'a.tar'), { 'x.png': await grey(1), 'x.cls': 'cat' }),
    'a.tar: x.cls: cat; expected the number of a class, from 0 to 65535',
  ],
  [
    'two images of a name',
    async (folder) => writeShard(join(folder, 'a.tar'), { 'x.png': await grey(1), 'x.jpg': await grey(1) }),
    'both x.png and x.jpg; expected one image a sample',
  ],
  [
    'labels from 1 on',
    async (folder) =>
      writeShard(join(folder, 'a.tar'), {
        ...{ 'x.png': await grey(1), 'x.cls': '1' },
        ...{ 'y.png': await grey(1), 'y.cls': '2' },
      }),
    'no image of class 0, but of 2; expected classes numbered from 0 on',
  ],
  [
    'one class',
    async (folder) => writeShard(join(folder, 'a.tar'), { 'x.png': await grey(1), 'x.cls': '0' }),
    'images of one class alone',
  ],
  [
    'something else named so',
    (folder) => writeFile(join(folder, 'a.tar'), Buffer.alloc(2048, 7)),
    'a.tar: no header at byte 0; expected an uncompressed tar archive',
  ],
  [
    'a shard that is cut short',
    async (folder) => {
      await shards(folder);
      await truncate(join(folder, 'set-000001.tar'), 600);
    },
    'set-000001.tar: it ends at byte ',
  ],
])('refuses %s', async (_, make, message) => {
  const folder = temporaryFolder();
  await make(folder);
  await expect(load(folder)).rejects.toThrow(message);
});

test('an image that cannot be read is named with its place', async () => {
  const folder = temporaryFolder();
  writeShard(join(folder, 'a.tar'), {
    ...{ 'x.png': 'no pixels', 'x.cls': '0' },
    ...{ 'y.png': await grey(1), 'y.cls': '1' },
  });
  await expect(load(folder, { trainImages: 1, validationImages: 1 })).rejects.toThrow(
    `${join(folder, 'a.tar')} at byte 512: cannot be read as an image`,
  );
});

test('a folder that is not there is named', async () => {
  await expect(load('/no/such/folder')).rejects.toThrow('/no/such/folder: cannot be read as a folder');
});
