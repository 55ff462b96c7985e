import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Graph, GraphBuilder } from '../../../src/graph/graph.ts';
import { PROTOCOL_VERSION } from '../../../src/trainers/pytorch/protocol.ts';
import { createPytorchTrainer, type PytorchTrainerOptions } from '../../../src/trainers/pytorch/pytorch.ts';
import { startTrainingWorker } from '../../../src/trainers/pytorch/training-worker.ts';
import type { Recipe, Trainer, TrainRequest } from '../../../src/trainers/trainer.ts';
import { randomDataset } from '../random-dataset.ts';
import { TOY_DATASET } from '../toy-dataset.ts';
import { TOY_RECIPE } from '../toy-recipe.ts';
import { HAS_TORCH, PYTHON } from './python.ts';

const folder = mkdtempSync(join(tmpdir(), 'nas-pytorch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS: PytorchTrainerOptions = {
  dataset: TOY_DATASET,
  python: PYTHON,
  devices: ['cpu'],
  workersPerDevice: 1,
  datasetsFolder: join(folder, 'datasets'),
  weightsFolder: join(folder, 'weights'),
};

const RECIPE: Recipe = { ...TOY_RECIPE, epochs: 2 };

function toyGraph(channels = 8): Graph {
  const graph = new GraphBuilder();
  const stem = graph.convolutionUnit(graph.input([8, 8, 3]), channels, 'hswish', { kernel: 3 });
  return graph.build(graph.linear(graph.globalAveragePool(stem), 4));
}

const request = (changes: Partial<TrainRequest> = {}): TrainRequest => ({
  graph: toyGraph(),
  genotype: [],
  recipe: RECIPE,
  seed: 'a',
  ...changes,
});

/** An executable of these lines; `$@` is what a Python would be given. */
function script(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return path;
}

/** The processes that this one has started and that run the worker. */
function workers(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return (
          Number(parent) === process.pid &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('pytorch/worker')
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('a PyTorch trainer that cannot begin tells what is missing', () => {
  const opening = (python: string): Promise<Trainer> => createPytorchTrainer({ ...OPTIONS, python });

  test('no such program', async () => {
    await expect(opening('no-such-python')).rejects.toMatchObject({
      name: 'NasError',
      found: expect.stringMatching(/^no-such-python does not start/),
      next: expect.stringContaining('--python'),
    });
  });

  test('a program that is no Python', async () => {
    await expect(opening(script('not-python', 'echo no >&2', 'exit 3'))).rejects.toMatchObject({
      name: 'NasError',
      found: expect.stringMatching(/starts no worker: it ended; it said: no$/),
    });
  });

  test('a program that says something else', async () => {
    await expect(opening(script('talker', 'echo hello', 'sleep 60'))).rejects.toMatchObject({
      name: 'NasError',
      found: expect.stringContaining('not JSON'),
    });
  });

  test('a worker of another version', async () => {
    const hello = JSON.stringify({
      ...{ kind: 'hello', protocol: 999, python: '3.11.2', torch: '2.0', cuda: null, device: 'cpu' },
      ...{ deviceName: 'x', mixedPrecision: false, compiles: true, gpus: [] },
    });
    await expect(opening(script('other', `echo '${hello}'`, 'sleep 60'))).rejects.toMatchObject({
      name: 'NasError',
      found: 'its worker says protocol 999',
    });
  });

  test('a worker that falls silent is given up', async () => {
    const hello = JSON.stringify({
      ...{ kind: 'hello', protocol: PROTOCOL_VERSION, python: '3.11.2', torch: '2.0', cuda: null },
      ...{ device: 'cpu', deviceName: 'x', mixedPrecision: false, compiles: true, gpus: [] },
    });
    const python = script('mute', `echo '${hello}'`, 'exec sleep 600');
    const worker = await startTrainingWorker({ python, device: 'cpu', silenceMs: 100 });
    const { graph, recipe, seed } = request();
    const line = { graph, recipe, seed, dataset: 'none', identity: 'none' };
    await expect(worker.train(line, () => {})).rejects.toMatchObject({
      name: 'NasError',
      found: 'a worker died (no word for 0.1 s)',
    });
    expect(worker.isAlive()).toBe(false);
  });

  test('a Python without PyTorch', async () => {
    // -S leaves out the folders of packages, -I those of the environment.
    await expect(opening(script('bare', `exec ${PYTHON} -I -S "$@"`))).rejects.toMatchObject({
      name: 'NasError',
      found: expect.stringContaining('has no PyTorch that loads'),
      next: expect.stringContaining('python3-torch'),
    });
  });

  test.skipIf(!HAS_TORCH)('a GPU that PyTorch does not see', async () => {
    await expect(createPytorchTrainer({ ...OPTIONS, devices: ['cuda:99'] })).rejects.toMatchObject({
      name: 'NasError',
      found: expect.stringContaining('GPU 99'),
    });
  });
});

describe.skipIf(!HAS_TORCH)(`the PyTorch trainer (${PYTHON})`, () => {
  const opened = createOnce(() => createPytorchTrainer(OPTIONS));
  afterAll(async () => (await opened()).close());

  test('trains with as many threads as it is told, and is another trainer then', async () => {
    const two = await createPytorchTrainer({ ...OPTIONS, threads: 2 });
    try {
      expect(two.digest).not.toBe((await opened()).digest);
      const { accuracy } = await two.train(request());
      expect(accuracy).toBeGreaterThan(0.5);
    } finally {
      await two.close();
    }
  });

  test('a worker that is killed fails its training with the reason; a fresh one takes over', async () => {
    const trainer = await opened();
    const doomed = trainer.train(
      request({
        recipe: { ...RECIPE, epochs: 100_000 },
        onEpoch({ epoch }) {
          if (epoch === 1) for (const pid of workers()) process.kill(pid, 'SIGKILL');
        },
      }),
    );
    await expect(doomed).rejects.toMatchObject({
      name: 'NasError',
      found: expect.stringMatching(/^a worker died.*SIGKILL/),
    });
    await expect(trainer.train(request())).resolves.toHaveProperty('accuracy');
  });

  test('waits in order, leaves the queue when aborted, and leaves no process behind when closed', async () => {
    await opened();
    const others = workers();
    const trainer = await createPytorchTrainer(OPTIONS);
    const endless = request({ recipe: { ...RECIPE, epochs: 100_000 } });
    const running = trainer.train(endless);
    const controller = new AbortController();
    const waiting = trainer.train(request(), controller.signal);
    controller.abort(new Error('never mind'));
    await expect(waiting).rejects.toThrow('never mind');
    const rejected = expect(running).rejects.toMatchObject({ name: 'NasError', found: 'it was closed' });
    await trainer.close();
    await rejected;
    expect(workers()).toEqual(others);
    await expect(trainer.train(request())).rejects.toMatchObject({ name: 'NasError' });
  });

  test('what a library prints does not disturb it', async () => {
    // Every import of torch, and of what it imports of itself, writes to standard output in both ways there are.
    const noisy = join(folder, 'noisy.py');
    writeFileSync(
      noisy,
      [
        'import builtins, os, runpy, sys',
        'find = builtins.__import__',
        'def loud(name, *rest, **named):',
        '    if name.startswith("torch"):',
        '        print("welcome to", name, flush=True)',
        '        os.write(1, b"{not json")',
        '    return find(name, *rest, **named)',
        'builtins.__import__ = loud',
        'sys.argv = sys.argv[1:]',
        'runpy.run_path(sys.argv[0], run_name="__main__")',
        '',
      ].join('\n'),
    );
    const python = script('noisy-python', `shift; exec ${PYTHON} -B ${noisy} "$@"`);
    const trainer = await createPytorchTrainer({ ...OPTIONS, python });
    try {
      await expect(trainer.train(request())).resolves.toHaveProperty('accuracy');
    } finally {
      await trainer.close();
    }
  });

  test('trains in halves what does not fit in memory, and says so', async () => {
    // After torch is there, so much address space more: half a batch of this network takes 700 MiB, a whole one 1,050.
    const limited = join(folder, 'limited.py');
    writeFileSync(
      limited,
      [
        'import re, resource, runpy, sys',
        'import torch',
        'sys.argv = sys.argv[1:]',
        'size = 1024 * int(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read()).group(1))',
        'limit = size + 900 * 2**20',
        'resource.setrlimit(resource.RLIMIT_AS, (limit, limit))',
        'runpy.run_path(sys.argv[0], run_name="__main__")',
        '',
      ].join('\n'),
    );
    const python = script('limited-python', `shift; exec ${PYTHON} -B ${limited} "$@"`);
    const dataset = randomDataset(64, 64, 4);
    const trainer = await createPytorchTrainer({ ...OPTIONS, python, dataset });
    try {
      const graph = new GraphBuilder();
      // 64 images of 64x64x64 floats: 64 MiB a tensor, of which training keeps two a unit.
      let at = graph.convolutionUnit(graph.input([64, 64, 3]), 64, 'hswish');
      for (let unit = 0; unit < 3; unit++) at = graph.convolutionUnit(at, 64, 'hswish', { groups: 64 });
      const large = graph.build(graph.linear(graph.globalAveragePool(at), 4));
      const recipe: Recipe = { ...RECIPE, epochs: 1, batchSize: 64 };
      const result = await trainer.train(request({ graph: large, recipe }));
      expect(result.note).toContain('trained in halves of 32');
      expect(result.epochs).toHaveLength(1);
    } finally {
      await trainer.close();
    }
  });
});

function createOnce<Value>(create: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= create();
    return value;
  };
}
