import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { openTrainingLog, type Training } from '../../src/store/trainings.ts';

const training: Training = {
  network: "it's mobilenet-v2",
  architecture: { name: 'mobilenet-v2', stages: [{ repeat: 2 }] },
  build: { width: 0.5, resolution: 32, dropEarlyStrides: 2 },
  recipe: { epochs: 2, emaDecay: 0.9999 },
  seed: '7',
  dataset: 'cifar10',
  datasetDigest: 'b'.repeat(64),
  trainer: 'embedded',
  trainerDigest: 'c'.repeat(64),
  codeVersion: '0.1.0',
  params: 700_490,
  macs: 27_970_000,
  epochs: [
    { epoch: 1, trainLoss: 1 / 3, validationAccuracy: 0.7 },
    { epoch: 2, trainLoss: 0.1, validationAccuracy: 0.1 + 0.2 },
  ],
  best: { epoch: 1, weights: 'runs/weights/a.safetensors', validationAccuracy: 0.7, testAccuracy: 0.69 },
  last: { epoch: 2, weights: 'runs/weights/b.safetensors', validationAccuracy: 0.1 + 0.2 },
  cpuSeconds: 8.5,
  finishedAt: '2026-01-02T03:04:05.000Z',
};

const freshFile = (): string => join(mkdtempSync(join(tmpdir(), 'nas-trainings-')), 'nas.db');

test('gives back what it was given, the newest first, in another session too', () => {
  const file = freshFile();
  const log = openTrainingLog(file);
  const images = {
    trainImages: 45_000,
    validationImages: 5000,
    mean: [125.3],
    standardDeviation: [0.1 + 0.2],
  };
  const resumedFrom = { ...training, initialWeights: 'd'.repeat(64), images };
  expect([log.save(training), log.save(resumedFrom)]).toEqual(['t1', 't2']);
  log.close();
  const again = openTrainingLog(file, { readOnly: true });
  expect(again.all()).toEqual([
    { ...resumedFrom, id: 't2' },
    { ...training, id: 't1' },
  ]);
  again.close();
});

test('shares its file with the runs', () => {
  const file = freshFile();
  const [store, log] = [openStore(file), openTrainingLog(file)];
  log.save(training);
  expect(store.runs()).toEqual([]);
  expect(log.all()).toHaveLength(1);
  store.close();
  log.close();
});

test('says which file cannot be written', () => {
  const file = freshFile();
  openTrainingLog(file).close();
  const log = openTrainingLog(file, { readOnly: true });
  expect(() => log.save(training)).toThrow(NasError);
  expect(() => log.save(training)).toThrow(file);
  log.close();
});
