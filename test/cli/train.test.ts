import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { nas, startNas, temporaryProject, tinySpace, waitFor } from './nas.ts';

/** A network of the tiny space, and a recipe for it. */
const { proxy, stages, ...head } = tinySpace;
const network = {
  ...head,
  name: 'tiny-one',
  stages: [
    stages[0],
    {
      block: { type: 'inverted-residual', kernel: 3, expansion: 3, activation: 'hswish' },
      channels: 8,
      repeat: 1,
    },
    stages[2],
  ],
};
const recipe = { ...proxy.recipe, epochs: 3, emaDecay: 0.9 };

const TRAIN = [
  ...['train', 'net.json', '--dataset', 'folder:pictures', '--resolution', '12'],
  ...['--validation-images', '20', '--recipe', 'recipe.json'],
];

async function project(): Promise<string> {
  const folder = await temporaryProject();
  writeFileSync(join(folder, 'net.json'), JSON.stringify(network));
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify(recipe));
  return folder;
}

/** Dark and light images of 8×8 as the files of MNIST; `turned`: with the labels of the test images exchanged. */
function writeIdx(folder: string, turned: boolean): void {
  mkdirSync(join(folder, 'idx'), { recursive: true });
  const rng = createRng('idx');
  for (const [part, count] of [
    ['train', 100],
    ['t10k', 40],
  ] as const) {
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    const pixels = labels.flatMap((label) =>
      Array.from({ length: 64 }, () => 60 + 100 * label + rng.integer(60)),
    );
    const shown = turned && part === 't10k' ? labels.map((label) => 1 - label) : labels;
    const write = (name: string, sizes: readonly number[], bytes: readonly number[]): void => {
      const header = Buffer.alloc(4 + 4 * sizes.length);
      for (const [i, value] of [0x800 + sizes.length, ...sizes].entries()) header.writeUInt32BE(value, 4 * i);
      writeFileSync(join(folder, 'idx', `${part}-${name}`), Buffer.concat([header, Buffer.from(bytes)]));
    };
    write('images-idx3-ubyte', [count, 8, 8], pixels);
    write('labels-idx1-ubyte', [count], shown);
  }
}

/** What a repetition may not change. */
function comparable(stdout: string): unknown {
  const { cpuSeconds: _, seconds: __, training: ___, ...rest } = JSON.parse(stdout);
  return rest;
}

describe('nas train', () => {
  let folder: string;
  let first: Awaited<ReturnType<typeof nas>>;
  beforeAll(async () => {
    folder = await project();
    first = await nas([...TRAIN, '--csv', 'epochs.csv', '--json'], folder);
  });

  test('trains, keeps the best and the last weights, stores, and answers with one JSON document', () => {
    expect(first.stderr).not.toMatch(/^error/m);
    expect(first.exitCode).toBe(0);
    const document = JSON.parse(first.stdout);
    expect(document).toMatchObject({ training: 't1', network: 'net.json' });
    expect(document.images).toEqual({
      resolution: 12,
      dataset: 'folder:pictures',
      trainImages: 100,
      validationImages: 20,
      testImages: 0,
    });
    expect(document.epochs).toHaveLength(3);
    expect(document.last.epoch).toBe(3);
    for (const { weights } of [document.best, document.last]) {
      expect(existsSync(join(folder, weights))).toBe(true);
    }
    expect(document.best.validationAccuracy).toBe(
      Math.max(...document.epochs.map((e: { validationAccuracy: number }) => e.validationAccuracy)),
    );
    expect(readdirSync(join(folder, 'runs', 'checkpoints'))).toEqual([]);
  });

  test('tells an epoch a line, and writes them as a table', () => {
    expect(first.stderr).toContain('epoch 2/3  loss ');
    const lines = readFileSync(join(folder, 'epochs.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('epoch,train_loss,validation_accuracy');
    const { epochs } = JSON.parse(first.stdout);
    expect(lines.slice(1)).toEqual(
      epochs.map((e: Record<string, number>) => `${e.epoch},${e.trainLoss},${e.validationAccuracy}`),
    );
  });

  test('the same again gives the same, other seeds and widths others; nas trainings lists them', async () => {
    const again = await nas([...TRAIN, '--json'], folder);
    expect(comparable(again.stdout)).toEqual(comparable(first.stdout));
    const other = await nas([...TRAIN, '--seed', '2', '--width', '2', '--strides', '0', '--json'], folder);
    const [a, b] = [first, other].map(({ stdout }) => JSON.parse(stdout));
    expect(b.params).toBeGreaterThan(a.params);
    expect(b.macs).toBeGreaterThan(4 * a.macs);
    const listed = JSON.parse((await nas(['trainings', '--json'], folder)).stdout);
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(['t3', 't2', 't1']);
    expect(listed[2]).toMatchObject({ network: 'net.json', build: { width: 1 }, best: a.best, recipe });
    expect((await nas(['trainings'], folder)).stdout).toContain(a.best.weights);
  });

  test('killed after an epoch it refuses to start anew, and goes on with --resume to the same weights', async () => {
    const killed = await project();
    const long = [...TRAIN, '--epochs', '12'];
    const { child, ended } = startNas(long, killed);
    await waitFor(child, 'epoch  2/12');
    child.kill('SIGKILL');
    await ended;
    const [checkpoint = ''] = readdirSync(join(killed, 'runs', 'checkpoints'));
    expect(checkpoint).toMatch(/^[0-9a-f]{16}\.safetensors$/);

    const unasked = await nas(long, killed);
    expect(unasked.exitCode).toBe(2);
    expect(unasked.stderr).toContain('--resume');

    const resumed = await nas([...long, '--resume', '--json'], killed);
    expect(resumed.stderr).not.toMatch(/^error/m);
    expect(resumed.stderr).not.toContain('epoch  1/12');
    const unbroken = await nas([...long, '--json'], folder);
    expect(comparable(resumed.stdout)).toEqual(comparable(unbroken.stdout));
    expect(readdirSync(join(killed, 'runs', 'checkpoints'))).toEqual([]);
  });

  test('starts from weights', async () => {
    const { best } = JSON.parse(first.stdout);
    const one = ['--epochs', '1', '--json'];
    const fresh = JSON.parse((await nas([...TRAIN, ...one], folder)).stdout);
    const warm = JSON.parse((await nas([...TRAIN, ...one, '--weights', best.weights], folder)).stdout);
    expect(warm.epochs[0].trainLoss).toBeLessThan(fresh.epochs[0].trainLoss);
    const begun = (await nas(['trainings'], folder)).stdout.match(/anew|from weights/g);
    expect(begun?.slice(0, 2)).toEqual(['from weights', 'anew']);
  });

  test('tests on images that nothing else depends on', async () => {
    const tested = async (turned: boolean) => {
      writeIdx(folder, turned);
      const args = [
        'train',
        'net.json',
        '--dataset',
        'idx:idx',
        '--resolution',
        '8',
        '--recipe',
        'recipe.json',
      ];
      const { stdout } = await nas([...args, '--json'], folder);
      return JSON.parse(stdout);
    };
    const [straight, turned] = [await tested(false), await tested(true)];
    expect(straight.images).toMatchObject({ trainImages: 90, validationImages: 10, testImages: 40 });
    expect(straight.best.testAccuracy).toBeGreaterThan(0.5);
    expect(turned.epochs).toEqual(straight.epochs);
    expect(turned.best).toEqual({
      ...straight.best,
      testAccuracy: expect.closeTo(1 - straight.best.testAccuracy, 9),
    });
  });

  test.each([
    [['train', 'no-such-network'], 'no space or network of that name'],
    [['train', 'space.json'], 'a space of'],
    [['train', 'net.json', '--recipe', 'none'], "no recipe 'none'; expected cifar10, mobilenet-v1"],
    [['train', 'net.json', '--recipe', 'net.json'], 'net.json: '],
    [[...TRAIN, '--strides', '2'], '--strides: 2; expected at most 1'],
    [[...TRAIN, '--resume'], 'no checkpoint of this training'],
    [[...TRAIN, '--weights', 'none.safetensors'], 'none.safetensors: cannot be read'],
    [[...TRAIN, '--weights', 'net.json'], 'net.json: '],
    [[...TRAIN, '--csv', 'no/such/folder.csv'], 'no/such/folder.csv: cannot be written'],
  ])('%j is refused in words', async (args, message) => {
    const { exitCode, stderr, stdout } = await nas([...args, '--seed', 'refused'], folder);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('defect');
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
  });

  test('its help names every recipe', async () => {
    const { stdout } = await nas(['train', '--help'], folder);
    for (const name of ['cifar10', 'mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3', 'mnasnet']) {
      expect(stdout).toContain(`  ${name} `);
    }
  });
});
