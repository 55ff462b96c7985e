import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NasError } from '../../../src/base/errors.ts';
import { createRng } from '../../../src/base/rng.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { sampleGenotype } from '../../../src/space/sample.ts';
import { parseSpace } from '../../../src/space/search-space.ts';
import { createRuntime } from '../../../src/trainers/embedded/runtime.ts';
import { trainNetwork } from '../../../src/trainers/embedded/training.ts';
import type { SupernetTask } from '../../../src/trainers/supernet/start.ts';
import { createSupernetTrainer } from '../../../src/trainers/supernet/supernet.ts';
import { trainSupernetInWorker } from '../../../src/trainers/supernet/train-supernet.ts';
import type { Trainer, TrainRequest } from '../../../src/trainers/trainer.ts';
import { TOY_DATASET } from '../toy-dataset.ts';
import { toyNetwork } from '../toy-network.ts';
import { TOY_RECIPE } from '../toy-recipe.ts';
import { TOY_BUILD, TOY_SPACE } from './toy-space.ts';

const space = parseSpace(TOY_SPACE, 'toy');
const request = (seed: string): TrainRequest => {
  const genotype = sampleGenotype(space.decisions, createRng(seed));
  const graph = buildGraph(space.decode(genotype), TOY_BUILD);
  return { graph, genotype, recipe: TOY_RECIPE, seed: 'a' };
};

let folder: string;
let task: SupernetTask;
let weights: string;
let trainer: Trainer;
const open = (changes: { readonly weights?: string } = {}): Trainer =>
  createSupernetTrainer({
    ...{ dataset: TOY_DATASET, space: TOY_SPACE, build: TOY_BUILD, weights, workers: 2 },
    weightsFolder: join(folder, 'weights'),
    ...changes,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nas-supernet-'));
  task = {
    ...{ space: TOY_SPACE, build: TOY_BUILD, recipe: { ...TOY_RECIPE, epochs: 8 }, seed: 'a' },
    ...{ checkpoint: join(folder, 'checkpoint'), weightsFolder: join(folder, 'weights') },
  };
  const steps: number[] = [];
  ({ weights } = await trainSupernetInWorker(TOY_DATASET, task, ({ step }) => steps.push(step)));
  expect(steps.length).toBeGreaterThan(0);
  trainer = open();
});
afterAll(async () => {
  await trainer.close();
  rmSync(folder, { recursive: true, force: true });
});

const refusal = async (refused: TrainRequest, by = trainer): Promise<NasError> => {
  const error: unknown = await by.train(refused).then(
    () => 'nothing',
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(NasError);
  return error as NasError;
};

describe('the supernet trainer', () => {
  test('scores networks far above chance, the same whatever else it does', async () => {
    const networks = ['a', 'b', 'c', 'd'].map(request);
    const scores = await Promise.all(networks.map((network) => trainer.train(network)));
    for (const { accuracy, epochs, cpuSeconds } of scores) {
      expect(accuracy).toBeGreaterThan(0.4);
      expect(epochs).toEqual([]);
      expect(cpuSeconds).toBeGreaterThan(0);
    }
    const again = await trainer.train({ ...networks[0]!, seed: 'b' });
    expect(again.accuracy).toBe(scores[0]?.accuracy);
    expect(again).not.toHaveProperty('weights');
  });

  test('keeps the weights that a network inherits, with which it can be trained on', async () => {
    const network = request('a');
    const { weights: inherited, accuracy } = await trainer.train({ ...network, saveWeights: true });
    const digest = createHash('sha256').update(readFileSync(inherited!)).digest('hex');
    expect(basename(inherited!)).toBe(`${digest}.safetensors`);
    const recipe = { ...TOY_RECIPE, epochs: 0 };
    const alone = { graph: network.graph, recipe, seed: 'a', initialWeights: inherited! };
    // Right answers, and the probability of the right one.
    const counted = trainNetwork(createRuntime(), TOY_DATASET, alone).accuracy;
    expect(counted).toBeGreaterThan(0.4);
    expect(Math.abs(counted - accuracy)).toBeLessThan(0.3);
  });

  test('has a digest that follows its weights', async () => {
    const { weights: others } = await trainSupernetInWorker(
      TOY_DATASET,
      { ...task, seed: 'b', checkpoint: join(folder, 'other') },
      () => undefined,
    );
    const [same, other] = [open(), open({ weights: others })];
    await Promise.all([same.close(), other.close()]);
    expect(same.digest).toBe(trainer.digest);
    expect(other.digest).not.toBe(trainer.digest);
  });

  test('rejects an aborted request with the reason and stays usable', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const scores = ['a', 'b', 'c', 'd', 'e', 'f'].map((seed) =>
      trainer.train(request(seed), controller.signal),
    );
    const ends = Promise.allSettled(scores);
    controller.abort(reason);
    for (const end of await ends) expect(end).toEqual({ status: 'rejected', reason });
    await expect(trainer.train(request('a'), controller.signal)).rejects.toBe(reason);
    expect((await trainer.train(request('a'))).accuracy).toBeGreaterThan(0.4);
  });

  test('ends a scoring that takes too long', async () => {
    expect((await refusal({ ...request('a'), timeoutMs: 1e-9 })).message).toContain('was not scored after');
  });

  test('rejects broken networks and those of another space', async () => {
    const { graph, ...rest } = request('a');
    const nodes = graph.nodes.map((node, id) => (id === 1 ? { ...node, inputs: [5] } : node));
    expect((await refusal({ ...rest, graph: { ...graph, nodes } })).message).toContain('a broken graph');
    expect((await refusal({ ...rest, graph: toyNetwork() })).message).toContain(
      'is in no stage of the space',
    );
    const wide = buildGraph(space.decode(rest.genotype), { ...TOY_BUILD, width: 2 });
    expect((await refusal({ ...rest, graph: wide })).message).toContain('larger than any of the space');
    expect((await refusal({ ...rest, graph, initialWeights: weights })).message).toContain(
      'weights to begin',
    );
    expect((await trainer.train(request('a'))).accuracy).toBeGreaterThan(0.4);
  });

  test('names a file of weights that is damaged or of another supernet', async () => {
    const damaged = join(folder, 'damaged.safetensors');
    writeFileSync(damaged, readFileSync(weights).subarray(0, -1));
    const { weights: network } = await trainer.train({ ...request('a'), saveWeights: true });
    for (const [file, message] of [
      [damaged, damaged],
      [network!, 'of the supernet of this space'],
    ] as const) {
      const spoilt = open({ weights: file });
      try {
        expect((await refusal(request('a'), spoilt)).message).toContain(message);
      } finally {
        await spoilt.close();
      }
    }
  });
});

test('an aborted training of a supernet ends and goes on from its checkpoint to the same weights', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const broken = { ...task, checkpoint: join(folder, 'broken') };
  const steps: number[] = [];
  await expect(
    trainSupernetInWorker(
      TOY_DATASET,
      broken,
      ({ step }) => {
        steps.push(step);
        if (step >= 60) controller.abort(reason);
      },
      controller.signal,
    ),
  ).rejects.toBe(reason);
  const resumed = await trainSupernetInWorker(TOY_DATASET, broken, () => undefined);
  expect(resumed.weights).toBe(weights);
});
