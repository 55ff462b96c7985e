import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { openDataset } from '../../src/datasets/open-dataset.ts';
import { temporaryFolder } from './temporary-folder.ts';

const IMAGES = 'train-images-idx3-ubyte';
const LABELS = 'train-labels-idx1-ubyte';

function idx(sizes: readonly number[], bytes: readonly number[], magic = 0x800 + sizes.length): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(magic);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, Buffer.from(bytes)]);
}

/** Ten images of 2×2 in two classes; image i is filled with 10·i. */
const images = idx(
  [10, 2, 2],
  Array.from({ length: 40 }, (_, i) => 10 * Math.floor(i / 4)),
);
const labels = idx([10], [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);

async function load(files: Readonly<Record<string, Buffer>>, resolution = 2) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const request = { resolution, trainImages: 8, validationImages: 2, rng: createRng('idx') };
  return openDataset(`idx:${folder}`).load(request);
}

test('images stay grey and keep their labels', async () => {
  const { classes, train, validation } = await load({ [IMAGES]: images, [LABELS]: labels });
  expect(classes).toEqual(['0', '1']);
  expect(train).toMatchObject({ count: 8, height: 2, width: 2, channels: 1 });
  const seen = [train, validation].flatMap((set) =>
    Array.from(set.labels, (label, i) => [set.pixels[4 * i]! / 10, label] as const),
  );
  expect(seen.map(([image]) => image).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const [image, label] of seen) expect(label).toBe(image % 2);
});

test('gzipped files give the same dataset', async () => {
  const plain = await load({ [IMAGES]: images, [LABELS]: labels });
  const zipped = await load({ [`${IMAGES}.gz`]: gzipSync(images), [`${LABELS}.gz`]: gzipSync(labels) });
  expect(zipped.digest).toBe(plain.digest);
});

test.each([
  [
    'a wrong magic number',
    idx([10, 2, 2], [], 0x801),
    'a file that starts with 00000801; expected an idx file',
  ],
  ['less than a header', Buffer.from([0, 0, 8]), '3 bytes; expected an idx file'],
  ['too few bytes', images.subarray(0, 50), '50 bytes; expected 56 for the 10×2×2 that its header declares'],
  ['too many bytes', Buffer.concat([images, Buffer.alloc(1)]), '57 bytes; expected 56'],
  ['oblong images', idx([10, 1, 4], Array(40).fill(0)), 'images of 1×4; expected square images'],
  ['fewer images than labels', idx([1, 2, 2], Array(4).fill(0)), '10 labels; expected 1, one for each image'],
])('%s is an error with the name of the file', async (_, broken, message) => {
  await expect(load({ [IMAGES]: broken, [LABELS]: labels })).rejects.toThrow(message);
});

test('a truncated gzip file, a missing file and a single class are errors', async () => {
  const zipped = gzipSync(images);
  const broken = load({ [`${IMAGES}.gz`]: zipped.subarray(0, zipped.length - 10), [LABELS]: labels });
  await expect(broken).rejects.toThrow(`${IMAGES}.gz can be read (unexpected end of file)`);
  await expect(load({ [IMAGES]: images })).rejects.toThrow(`neither this file nor`);
  const single = load({ [IMAGES]: images, [LABELS]: idx([10], Array(10).fill(0)) });
  await expect(single).rejects.toThrow('fewer than two classes');
});

test('test images come from files of their own, in their order, or not at all', async () => {
  const folder = temporaryFolder();
  await writeFile(join(folder, IMAGES), images);
  await writeFile(join(folder, LABELS), labels);
  const source = openDataset(`idx:${folder}`);
  expect(await source.loadTest?.({ resolution: 2 })).toBeUndefined();
  await writeFile(join(folder, 't10k-images-idx3-ubyte'), idx([3, 2, 2], Array(12).fill(255)));
  await writeFile(join(folder, 't10k-labels-idx1-ubyte.gz'), gzipSync(idx([3], [1, 0, 1])));
  const test = await source.loadTest?.({ resolution: 1 });
  expect(test).toMatchObject({ count: 3, height: 1, width: 1, channels: 1 });
  expect([...(test?.pixels ?? [])]).toEqual([255, 255, 255]);
  expect([...(test?.labels ?? [])]).toEqual([1, 0, 1]);
});
