import { expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import type { DatasetRequest } from '../../src/datasets/dataset.ts';
import { holdOut } from '../../src/datasets/hold-out.ts';
import type { ImagePool } from '../../src/datasets/image-pool.ts';

/** Images of one pixel whose value is their index, so that a split can be read off its pixels. */
function poolOf(labels: readonly number[], classCount: number): ImagePool {
  return {
    classes: Array.from({ length: classCount }, (_, i) => `class ${i}`),
    channels: 1,
    labels: Uint16Array.from(labels),
    async read(indices) {
      const pixels = new Uint8Array(new SharedArrayBuffer(indices.length));
      pixels.set(indices);
      return pixels;
    },
  };
}

const balanced = poolOf(
  Array.from({ length: 200 }, (_, i) => i % 4),
  4,
);
const request = (changes: Partial<DatasetRequest> & { seed?: string } = {}): DatasetRequest => ({
  resolution: 1,
  trainImages: 100,
  validationImages: 40,
  rng: createRng(changes.seed ?? 'one'),
  ...changes,
});
const countOf = (labels: Uint16Array, label: number) => labels.filter((other) => other === label).length;

test('training and validation images are disjoint, and labels stay with their images', async () => {
  const { train, validation } = await holdOut('toy', balanced, request());
  expect(new Set([...train.pixels, ...validation.pixels]).size).toBe(140);
  for (const { pixels, labels } of [train, validation]) {
    expect(Array.from(labels)).toEqual(Array.from(pixels, (index) => index % 4));
  }
});

test('every class has its share in both', async () => {
  const { train, validation } = await holdOut('toy', balanced, request());
  for (const label of [0, 1, 2, 3]) {
    expect(countOf(train.labels, label)).toBe(25);
    expect(countOf(validation.labels, label)).toBe(10);
  }
  const uneven = poolOf([...Array(20).fill(0), ...Array(180).fill(1)], 2);
  const split = await holdOut('toy', uneven, request());
  expect(countOf(split.validation.labels, 0)).toBe(4);
  expect(countOf(split.train.labels, 0)).toBe(10);
});

test('the seed decides the split, and with it the digest', async () => {
  const [one, again, two] = await Promise.all(
    ['one', 'one', 'two'].map((seed) => holdOut('toy', balanced, request({ seed }))),
  );
  expect(again).toEqual(one);
  expect(two!.validation.pixels).not.toEqual(one!.validation.pixels);
  expect(two!.digest).not.toBe(one!.digest);
  expect(one!.digest).toMatch(/^[0-9a-f]{64}$/);
});

test('the digest follows pixels, labels and split, not the name of the place', async () => {
  const { digest } = await holdOut('toy', balanced, request());
  expect((await holdOut('elsewhere', balanced, request())).digest).toBe(digest);
  expect((await holdOut('toy', balanced, request({ trainImages: 99 }))).digest).not.toBe(digest);
  const inverted: ImagePool = {
    ...balanced,
    async read(...args) {
      const pixels = await balanced.read(...args);
      pixels.forEach((byte, i) => {
        pixels[i] = 255 - byte;
      });
      return pixels;
    },
  };
  expect((await holdOut('toy', inverted, request())).digest).not.toBe(digest);
});

test('a larger training set contains a smaller one, with the same validation images', async () => {
  const small = await holdOut('toy', balanced, request({ trainImages: 60 }));
  const large = await holdOut('toy', balanced, request({ trainImages: 160 }));
  expect(large.validation).toEqual(small.validation);
  expect(large.train.pixels.subarray(0, 60)).toEqual(small.train.pixels);
});

test('mean and deviation are those of the training images', async () => {
  const { train, mean, standardDeviation } = await holdOut('toy', balanced, request());
  const average = train.pixels.reduce((sum, byte) => sum + byte, 0) / train.count;
  const variance = train.pixels.reduce((sum, byte) => sum + (byte - average) ** 2, 0) / train.count;
  expect(mean).toEqual([expect.closeTo(average, 9)]);
  expect(standardDeviation).toEqual([expect.closeTo(Math.sqrt(variance), 9)]);
});

test('a constant channel can still be divided by its deviation', async () => {
  const constant: ImagePool = {
    ...balanced,
    read: async (indices) => new Uint8Array(new SharedArrayBuffer(indices.length)).fill(7),
  };
  const { mean, standardDeviation } = await holdOut('toy', constant, request());
  expect([mean, standardDeviation]).toEqual([[7], [1]]);
});

test('pixels and labels lie in shared memory', async () => {
  const { train } = await holdOut('toy', balanced, request());
  expect(train.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(train.labels.buffer).toBeInstanceOf(SharedArrayBuffer);
});

test('more images than there are is an error that says how many there are', async () => {
  await expect(holdOut('toy', balanced, request({ trainImages: 161 }))).rejects.toMatchObject({
    message:
      'toy: 161 training and 40 validation images were asked for; expected at most 200 together, which is how many training images there are',
    next: 'ask for fewer, such as 160 training images',
  });
});

test.each([{ trainImages: 0 }, { validationImages: 0.5 }, { resolution: Number.NaN }])(
  '%o is refused',
  async (changes) => {
    await expect(holdOut('toy', balanced, request(changes))).rejects.toThrow('a whole number greater than 0');
  },
);

test('a tenth for validation and the rest for training are all there is, and the same as in numbers', async () => {
  const whole = await holdOut('toy', balanced, request({ trainImages: 'rest', validationImages: 'tenth' }));
  expect([whole.train.count, whole.validation.count]).toEqual([180, 20]);
  const counted = await holdOut('toy', balanced, request({ trainImages: 180, validationImages: 20 }));
  expect(whole.digest).toBe(counted.digest);
});
