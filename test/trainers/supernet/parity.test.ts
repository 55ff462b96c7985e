import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRuntime } from '../../../src/trainers/embedded/runtime.ts';
import type { Recipe } from '../../../src/trainers/recipe.ts';
import type { SupernetTask } from '../../../src/trainers/supernet/start.ts';
import { trainSupernetInPytorch } from '../../../src/trainers/supernet/train-in-pytorch.ts';
import { trainSupernet } from '../../../src/trainers/supernet/training.ts';
import { readSafetensors } from '../../../src/trainers/weight-files.ts';
import { HAS_TORCH, PYTHON } from '../pytorch/python.ts';
import { randomDataset } from '../random-dataset.ts';
import { TOY_RECIPE } from '../toy-recipe.ts';
import { TOY_BUILD, TOY_SPACE } from './toy-space.ts';

const folder = mkdtempSync(join(tmpdir(), 'nas-supernet-parity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STEPS = 20;
/** Of losses of about 1.4 nats. */
const TOLERANCE = 1e-3;

const { gradientClip: _, ...toyRecipe } = TOY_RECIPE;
/** One step an epoch, so that the losses of epochs are those of steps. */
const COMMON = { ...toyRecipe, epochs: STEPS, flip: true, cutoutPixels: 2 };
const ONE_BATCH = randomDataset(8, TOY_RECIPE.batchSize, 4);

const RECIPES: Readonly<Record<string, Recipe>> = {
  SGD: { ...COMMON, peakLearningRate: 0.02 },
  RMSProp: { ...COMMON, optimizer: 'rmsprop', peakLearningRate: 0.01 },
};

test.skipIf(!HAS_TORCH).each(Object.entries(RECIPES))(
  `embedded and PyTorch trainers agree on the losses of a supernet (%s, PyTorch of ${PYTHON})`,
  async (name, recipe) => {
    const taskOf = (trainer: string): SupernetTask => ({
      ...{ space: TOY_SPACE, build: TOY_BUILD, recipe, seed: 'parity' },
      ...{ checkpoint: join(folder, `${name} ${trainer}`), weightsFolder: join(folder, 'weights') },
    });
    const ours = trainSupernet(createRuntime(), ONE_BATCH, taskOf('embedded'));
    const options = { python: PYTHON, device: 'cpu', datasetsFolder: join(folder, 'datasets') };
    const theirs = await trainSupernetInPytorch(ONE_BATCH, taskOf('pytorch'), options, () => undefined);
    expect(ours.epochLosses).toHaveLength(STEPS);
    expect(theirs.epochLosses).toHaveLength(STEPS);
    const differences = ours.epochLosses.map((loss, step) =>
      Math.abs(loss - (theirs.epochLosses[step] ?? Number.NaN)),
    );
    expect(Math.max(...differences)).toBeLessThan(TOLERANCE);
    // Not for want of anything to learn.
    expect(new Set(ours.epochLosses.map((loss) => loss.toFixed(3))).size).toBeGreaterThan(STEPS / 2);
    expect(distance(ours.weights, theirs.weights)).toBeLessThan(0.02);
  },
);

/** Of all that is learnt in two files, as a part of its norm. */
function distance(a: string, b: string): number {
  const theirs = readSafetensors(b).tensors;
  let squares = 0;
  let differences = 0;
  for (const [name, { data }] of readSafetensors(a).tensors) {
    const other = theirs.get(name)?.data;
    data.forEach((value, index) => {
      squares += value ** 2;
      differences += (value - (other?.[index] ?? Number.NaN)) ** 2;
    });
  }
  return Math.sqrt(differences / squares);
}
