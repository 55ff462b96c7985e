import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { HAS_TORCH, PYTHON } from '../trainers/pytorch/python.ts';
import { addMeasuredTables } from './measured-tables.ts';
import { nas, SEARCH, startNas, temporaryProject } from './nas.ts';

const DATASET = ['--dataset', 'folder:pictures'];
/** 4 steps an epoch, so several checkpoints. */
const TRAIN = ['supernet', 'train', 'space.json', ...DATASET, '--epochs', '300'];
const CHECK = ['supernet', 'check', 'space.json', ...DATASET, '--networks', '5', '--longer', '2'];

describe('nas supernet', () => {
  let project: string;
  let trained: { weights: string; file: string; params: number; cpuSeconds: number; epochLosses: number[] };

  beforeAll(async () => {
    project = await temporaryProject();
    await addMeasuredTables(project);
    const { exitCode, stdout, stderr } = await nas([...TRAIN, '--json'], project);
    expect(stderr).not.toMatch(/^error/m);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/supernet step 1200\/1200, loss [\d.]+/);
    trained = JSON.parse(stdout);
  });

  test('is kept as a file named by its digest, and nothing else is left behind', () => {
    expect(trained.file).toBe(join('runs', 'weights', `${trained.weights}.safetensors`));
    expect(existsSync(join(project, trained.file))).toBe(true);
    expect(readdirSync(join(project, 'runs', 'supernets'))).toEqual([]);
    expect(trained.epochLosses).toHaveLength(300);
    expect(trained.epochLosses.at(-1)).toBeLessThan(trained.epochLosses[0]!);
    expect(trained.cpuSeconds).toBeGreaterThan(0);
  });

  test('survives kill -9: --resume goes on to the same weights', async () => {
    const broken = await temporaryProject();
    const { child, ended } = startNas(TRAIN, broken);
    const checkpoints = join(broken, 'runs', 'supernets');
    while (
      !existsSync(checkpoints) ||
      !readdirSync(checkpoints).some((file) => file.endsWith('.safetensors'))
    ) {
      await sleep(20);
      expect(child.exitCode).toBeNull();
    }
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    const resumed = await nas([...TRAIN, '--resume', '--json'], broken);
    const [, first = '0'] = /supernet +going on from step (\d+)/.exec(resumed.stderr) ?? [];
    expect(Number(first)).toBeGreaterThanOrEqual(200);
    expect(JSON.parse(resumed.stdout).weights).toBe(trained.weights);
    expect(readdirSync(checkpoints)).toEqual([]);
  });

  test('Ctrl-C stops it, and the message tells how to go on', async () => {
    const broken = await temporaryProject();
    const { child, ended } = startNas(TRAIN, broken);
    const checkpoints = join(broken, 'runs', 'supernets');
    while (!existsSync(checkpoints) || readdirSync(checkpoints).length === 0) await sleep(20);
    child.kill('SIGINT');
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('--resume');
  });

  test('nas supernet check compares it with trainings and stores what it finds', async () => {
    const { exitCode, stdout, stderr } = await nas([...CHECK, '--json'], project);
    expect(stderr).not.toMatch(/^error/m);
    expect(exitCode).toBe(0);
    const { weights, check } = JSON.parse(stdout);
    expect(weights).toBe(trained.weights);
    expect(check.points).toHaveLength(5);
    expect(check.cpuSecondsEach).toBeGreaterThan(0);
    const text = await nas(CHECK, project);
    expect(text.stdout).toContain(
      'rank correlation of the supernet with training 2 times as long as the proxy',
    );
  });

  test('nas search --trainer supernet inherits, trains the best on their own, and says which is which', async () => {
    const search = [...SEARCH, '--trainer', 'supernet', '--trials', '6'];
    const { exitCode, stdout, stderr } = await nas([...search, '--json'], project);
    expect(stderr).not.toMatch(/^error/m);
    expect(exitCode).toBe(0);
    const document = JSON.parse(stdout);
    expect(document.accuracies).toBe('inherited');
    expect(document.retrained.length).toBeGreaterThan(0);
    const best = document.retrained.find(({ trial }: { trial: number }) => trial === document.best.trial);
    expect(best.accuracy).toBe(document.best.accuracy);
    const summary = await nas(search, project);
    expect(summary.stdout).toContain('rank correlation of the supernet');
    expect(summary.stdout).toContain('trained on its own');
    const shown = await nas(['show', document.run], project);
    expect(shown.stdout).toContain('rank correlation of the supernet');
    expect(shown.stdout).toMatch(/inherited/);
  });

  test('without a supernet the command that makes one is named', async () => {
    const other = await temporaryProject();
    const { exitCode, stdout, stderr } = await nas(CHECK, other);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('no supernet of tiny on these images');
    expect(stderr).toContain('nas supernet train space.json --dataset folder:pictures');
    // Another seed holds other images out.
    const elsewhere = await nas([...CHECK, '--seed', '2'], project);
    expect(elsewhere.stderr).toContain('nas supernet train space.json --dataset folder:pictures --seed 2');
  });

  test.skipIf(!HAS_TORCH)('PyTorch trains one too, and searches score by it as by any', async () => {
    const other = await temporaryProject();
    await addMeasuredTables(other);
    const train = ['supernet', 'train', 'space.json', ...DATASET, '--epochs', '20', '--trainer', 'pytorch'];
    const { exitCode, stdout, stderr } = await nas([...train, '--python', PYTHON, '--json'], other);
    expect(stderr).not.toMatch(/^error/m);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/supernet step 80\/80, loss [\d.]+/);
    expect(JSON.parse(stdout)).toMatchObject({ trainer: 'pytorch', params: trained.params });
    const search = await nas([...SEARCH, '--trainer', 'supernet', '--trials', '2', '--json'], other);
    expect(search.stderr).not.toMatch(/^error/m);
    expect(JSON.parse(search.stdout).accuracies).toBe('inherited');
  });

  test('what no supernet can be trained with is refused', async () => {
    for (const [options, found] of [
      [['--gpus', '0'], '--trainer pytorch beside it'],
      [['--trainer', 'pytorch', '--gpus', '0,1'], 'each step needs the weights of the one before'],
      [['--trainer', 'pytorch', '--compile'], 'each step of a supernet trains another network'],
    ] as const) {
      const { exitCode, stderr } = await nas([...TRAIN, ...options], project);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(found);
    }
  });

  test('a supernet whose file is gone is told of', async () => {
    rmSync(join(project, trained.file));
    const { exitCode, stderr } = await nas(CHECK, project);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${trained.file}: no such file`);
  });
});
