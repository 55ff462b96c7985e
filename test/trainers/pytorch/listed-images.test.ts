import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import type { ListedDataset } from '../../../src/datasets/dataset.ts';
import { openDataset } from '../../../src/datasets/open-dataset.ts';
import { type Graph, GraphBuilder } from '../../../src/graph/graph.ts';
import { createPytorchTrainer } from '../../../src/trainers/pytorch/pytorch.ts';
import { WORKER_CODE } from '../../../src/trainers/pytorch/worker-code.ts';
import type { Recipe, Trainer, TrainRequest } from '../../../src/trainers/trainer.ts';
import { writeShard } from '../../datasets/shards.ts';
import { HAS_TORCH, PYTHON } from './python.ts';

/** Pillow decodes in Python; without, tests of it are skipped by name. */
const HAS_PILLOW = spawnSync(PYTHON, ['-c', 'import PIL.Image']).status === 0;

const SIZE = 8;
const PER_CLASS = 40;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nas-listed-'));
  const rng = createRng('pictures');
  const shard: Record<string, Buffer | string> = {};
  for (const [label, name] of ['lying', 'standing'].entries()) {
    mkdirSync(join(folder, 'photos', name), { recursive: true });
    for (let index = 0; index < PER_CLASS; index++) {
      const format = index % 2 === 0 ? 'png' : 'jpeg';
      const content = await stripes(label === 0, 12 + rng.integer(12), 12 + rng.integer(12))
        .toFormat(format)
        .toBuffer();
      writeFileSync(join(folder, 'photos', name, `${index}.${format}`), content);
      shard[`${name}/${index}.${format === 'png' ? 'png' : 'jpg'}`] = content;
      shard[`${name}/${index}.cls`] = `${label}`;
    }
  }
  writeShard(join(folder, 'tars', 'all.tar'), shard);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Wide enough to be told apart at any part of the picture. */
function stripes(lying: boolean, width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bright = (lying ? y : x) % 6 < 3;
      pixels.fill(bright ? 220 : 30, (y * width + x) * 3, (y * width + x + 1) * 3);
    }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const listed = (text: string): Promise<ListedDataset> =>
  openDataset(text).list!({
    resolution: SIZE,
    trainImages: 60,
    validationImages: 20,
    rng: createRng('listed'),
  });

function graph(): Graph {
  const builder = new GraphBuilder();
  const stem = builder.convolutionUnit(builder.input([SIZE, SIZE, 3]), 8, 'relu', { kernel: 3 });
  const next = builder.convolutionUnit(stem, 16, 'relu', { kernel: 3, stride: 2 });
  return builder.build(builder.linear(builder.globalAveragePool(next), 2));
}

const RECIPE: Recipe = {
  ...{ epochs: 4, batchSize: 10, peakLearningRate: 0.05, warmupFraction: 0.1, momentum: 0.9 },
  ...{ weightDecay: 5e-4, labelSmoothing: 0.05, flip: true, shiftPixels: 0, cutoutPixels: 2 },
};

const request = (changes: Partial<TrainRequest> = {}): TrainRequest => ({
  ...{ graph: graph(), genotype: [], recipe: RECIPE, seed: 'a' },
  ...changes,
});

async function withTrainer<Result>(
  dataset: ListedDataset,
  use: (trainer: Trainer) => Promise<Result>,
  { loaders = 2, python = PYTHON } = {},
): Promise<Result> {
  const trainer = await createPytorchTrainer({
    ...{ dataset, python, devices: ['cpu'], workersPerDevice: 1, loaders },
    datasetsFolder: join(folder, 'datasets'),
    weightsFolder: join(folder, 'weights'),
  });
  try {
    return await use(trainer);
  } finally {
    await trainer.close();
  }
}

/** Of the worker and all that it starts. */
function processes(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`NAS_LISTED=${folder}`)
      );
    } catch {
      return false;
    }
  });
}

/** A program that is Python with these lines run before the worker. */
function pythonWith(name: string, ...lines: readonly string[]): string {
  const [program, prelude] = [join(folder, name), join(folder, `${name}.py`)];
  const run = [
    'import runpy, sys',
    'sys.argv = sys.argv[1:]',
    'runpy.run_path(sys.argv[0], run_name="__main__")',
  ];
  writeFileSync(prelude, [...lines, ...run, ''].join('\n'));
  writeFileSync(program, `#!/bin/sh\nshift; NAS_LISTED=${folder} exec ${PYTHON} -B ${prelude} "$@"\n`, {
    mode: 0o755,
  });
  return program;
}

describe.skipIf(!HAS_TORCH)(`images in files, trained on by PyTorch (${PYTHON})`, () => {
  describe.skipIf(!HAS_PILLOW)('with Pillow', () => {
    test.each(['photos', 'tars'])(
      'it learns %s, with the same bits however many processes decode',
      async (from) => {
        const dataset = await listed(`${from === 'tars' ? 'shards' : 'folder'}:${join(folder, from)}`);
        const [one, three] = await Promise.all(
          [1, 3].map((loaders) => withTrainer(dataset, (trainer) => trainer.train(request()), { loaders })),
        );
        expect(one?.accuracy).toBeGreaterThan(0.8);
        expect(three?.epochs).toEqual(one?.epochs);
      },
    );

    test('another seed sees other parts of the pictures', async () => {
      const dataset = await listed(`folder:${join(folder, 'photos')}`);
      const recipe = { ...RECIPE, epochs: 1 };
      await withTrainer(dataset, async (trainer) => {
        const a = await trainer.train(request({ recipe }));
        const initialWeights = (await trainer.train(request({ recipe, saveWeights: true }))).weights!;
        const [b, c] = [
          await trainer.train(request({ recipe, seed: 'b', initialWeights })),
          await trainer.train(request({ recipe, seed: 'c', initialWeights })),
        ];
        expect(b.epochs).not.toEqual(c.epochs);
        expect(a.epochs).not.toEqual(b.epochs);
      });
    });

    test('it goes on from a checkpoint to the same result', async () => {
      const dataset = await listed(`shards:${join(folder, 'tars')}`);
      const checkpoint = join(folder, 'checkpoint');
      await withTrainer(dataset, async (trainer) => {
        const stop = new AbortController();
        const onEpoch = ({ epoch }: { readonly epoch: number }) =>
          epoch === 2 && stop.abort(new Error('enough'));
        await expect(trainer.train(request({ checkpoint, onEpoch }), stop.signal)).rejects.toThrow('enough');
        const resumed = await trainer.train(request({ checkpoint }));
        expect(resumed.epochs).toEqual((await trainer.train(request())).epochs);
      });
    });

    test('a picture that cannot be read is named, and the worker stays usable', async () => {
      const dataset = await listed(`folder:${join(folder, 'photos')}`);
      const broken = join(folder, 'broken.png');
      writeFileSync(broken, 'no pixels');
      const spoilt = { ...dataset, files: dataset.files.with(dataset.train.file[7]!, broken) };
      await withTrainer(spoilt, async (trainer) => {
        const found = expect.stringContaining(`${broken} cannot be read as an image`);
        await expect(trainer.train(request())).rejects.toMatchObject({ name: 'NasError', found });
        await expect(trainer.train(request())).rejects.toMatchObject({ name: 'NasError', found });
      });
    });

    test.skipIf(process.platform !== 'linux')('what decodes dies with the worker', async () => {
      const dataset = await listed(`folder:${join(folder, 'photos')}`);
      const python = pythonWith('marked');
      await withTrainer(
        dataset,
        async (trainer) => {
          let most = 0;
          const killed = trainer.train(
            request({
              recipe: { ...RECIPE, epochs: 100_000 },
              onEpoch({ epoch }) {
                most = Math.max(most, processes().length);
                if (epoch !== 3) return;
                const worker = processes().reduce((least, pid) =>
                  Number(pid) < Number(least) ? pid : least,
                );
                process.kill(Number(worker), 'SIGKILL');
              },
            }),
          );
          await expect(killed).rejects.toThrow('a worker died');
          for (let tries = 0; processes().length > 0 && tries < 100; tries++) {
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
          expect(processes()).toEqual([]);
        },
        { python },
      );
    });

    test('pictures are decoded as the host does: upright, on black, of 8 bits', async () => {
      const flat = { width: 16, height: 8 };
      const of = (background: { r: number; g: number; b: number; alpha?: number }) =>
        sharp({ create: { ...flat, channels: background.alpha === undefined ? 3 : 4, background } });
      const deep = sharp(Buffer.alloc(128, 200), { raw: { ...flat, channels: 1 } }).toColourspace('grey16');
      // Left half red, right half blue; turned by a quarter the red half is above.
      const halves = Buffer.alloc(16 * 16 * 3);
      for (let i = 0; i < 16 * 16; i++) halves[3 * i + (i % 16 < 8 ? 0 : 2)] = 255;
      const turned = sharp(halves, { raw: { width: 16, height: 16, channels: 3 } }).withMetadata({
        orientation: 6,
      });
      const pictures = {
        'opaque.png': [of({ r: 10, g: 20, b: 30 }).png(), [10, 20, 30]],
        'opaque.webp': [of({ r: 10, g: 20, b: 30 }).webp({ lossless: true }), [10, 20, 30]],
        'clear.png': [of({ r: 200, g: 100, b: 50, alpha: 0 }).png(), [0, 0, 0]],
        'deep.png': [deep.png(), [200, 200, 200]],
        'grey.jpg': [of({ r: 90, g: 90, b: 90 }).greyscale().jpeg({ quality: 100 }), [90, 90, 90]],
        'turned.png': [turned.png(), [255, 0, 0]],
      } as const satisfies Record<string, readonly [Sharp, readonly number[]]>;
      const paths = await Promise.all(
        Object.entries(pictures).map(async ([name, [picture]]) => {
          const path = join(folder, name);
          writeFileSync(path, await picture.toBuffer());
          return path;
        }),
      );
      const code = [
        'import json, sys',
        'from nas_worker.decoding import decoder',
        'decode = decoder()',
        'for path in sys.argv[1:]:',
        '    pixels = decode(open(path, "rb").read(), (4, 4), None)',
        '    print(json.dumps([list(pixels.shape), pixels[0, 1].tolist()]))',
      ].join('\n');
      const { stdout, stderr } = spawnSync(PYTHON, ['-B', '-c', code, ...paths], {
        env: { ...process.env, PYTHONPATH: WORKER_CODE },
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      const decoded = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(decoded).toEqual(Object.values(pictures).map(([, colour]) => [[4, 4, 3], colour]));
    });

    test('a part of a picture has the shape and size that chance gives it, and lies within', () => {
      const code = [
        'import json, random',
        'from nas_worker.decoding import box_of',
        'random.seed(1)',
        'for _ in range(2000):',
        '    full = (random.randint(1, 600), random.randint(1, 600))',
        '    size = (random.randint(8, 64), random.randint(8, 64))',
        '    chances = [random.random() for _ in range(5)]',
        '    left, upper, right, lower = box_of(full, size, chances)',
        '    assert 0 <= left < right <= full[0] + 1e-6 and 0 <= upper < lower <= full[1] + 1e-6',
        '    share = (right - left) * (lower - upper) / (full[0] * full[1])',
        '    assert abs(share - (0.08 + 0.92 * chances[0])) < 1e-6, share',
        '    left, upper, right, lower = box_of(full, size, None)',
        '    assert abs((right - left) * size[0] - (lower - upper) * size[1]) < 1e-6',
        '    assert abs(left + right - full[0]) < 1e-6 and abs(upper + lower - full[1]) < 1e-6',
        'print("good")',
      ].join('\n');
      const { stdout, stderr } = spawnSync(PYTHON, ['-B', '-c', code], {
        env: { ...process.env, PYTHONPATH: WORKER_CODE },
        encoding: 'utf8',
      });
      expect(`${stdout}${stderr}`).toBe('good\n');
    });
  });

  test('without Pillow it says what is missing', async () => {
    const dataset = await listed(`folder:${join(folder, 'photos')}`);
    const python = pythonWith('bare', 'import sys', 'sys.modules["PIL"] = None');
    await withTrainer(
      dataset,
      (trainer) =>
        expect(trainer.train(request())).rejects.toMatchObject({
          name: 'NasError',
          found: expect.stringContaining('has no Pillow'),
          next: expect.stringContaining('apt install python3-pil'),
        }),
      { python },
    );
  });
});
