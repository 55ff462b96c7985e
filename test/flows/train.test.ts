import { expect, test } from 'vitest';
import { trainFully } from '../../src/flows/train.ts';
import type { Trainer, TrainRequest, TrainResult } from '../../src/trainers/trainer.ts';
import { toyNetwork } from '../trainers/toy-network.ts';
import { TOY_RECIPE } from '../trainers/toy-recipe.ts';

const request: TrainRequest = { graph: toyNetwork(), genotype: [], recipe: TOY_RECIPE, seed: 'a' };
const signal = new AbortController().signal;

/** Answers as told, and remembers what it was asked. test/cli/train.test.ts has a real one. */
function scripted(answer: (request: TrainRequest) => TrainResult) {
  const asked: TrainRequest[] = [];
  let closed = false;
  const trainer: Trainer = {
    name: 'scripted',
    implementation: 'scripted',
    digest: 'scripted',
    parallelism: 1,
    async train(request) {
      asked.push(request);
      return answer(request);
    },
    async close() {
      closed = true;
    },
  };
  return { trainer, asked, isClosed: () => closed };
}

const accuracies = [0.5, 0.75, 0.75, 0.6];
const result: TrainResult = {
  accuracy: 0.6,
  epochs: accuracies.map((validationAccuracy, i) => ({ epoch: i + 1, trainLoss: 1, validationAccuracy })),
  cpuSeconds: 3,
  weights: 'last.safetensors',
  bestWeights: 'best.safetensors',
};
const testAccuracies: Record<string, number> = { 'best.safetensors': 0.7, 'last.safetensors': 0.55 };

test('tests the best and the last weights, the first of equals, without training on', async () => {
  const trainer = scripted(() => result);
  const tester = scripted(({ initialWeights = '' }) => ({
    accuracy: testAccuracies[initialWeights] ?? Number.NaN,
    epochs: [],
    cpuSeconds: 0,
  }));
  const full = await trainFully(
    request,
    { trainer: trainer.trainer, openTester: async () => tester.trainer },
    signal,
  );
  expect(full.best).toEqual({
    ...{ epoch: 2, weights: 'best.safetensors', validationAccuracy: 0.75, testAccuracy: 0.7 },
  });
  expect(full.last).toEqual({
    ...{ epoch: 4, weights: 'last.safetensors', validationAccuracy: 0.6, testAccuracy: 0.55 },
  });
  expect(trainer.asked).toEqual([{ ...request, saveWeights: true, saveBestWeights: true }]);
  expect(tester.asked.map(({ recipe }) => recipe.epochs)).toEqual([0, 0]);
  expect(tester.isClosed()).toBe(true);
});

test('opens no test images before the training has ended, and none after one that failed', async () => {
  const order: string[] = [];
  const { trainer } = scripted(() => {
    order.push('trained');
    return result;
  });
  const openTester = async () => {
    order.push('test images opened');
    return undefined;
  };
  const full = await trainFully(request, { trainer, openTester }, signal);
  expect(order).toEqual(['trained', 'test images opened']);
  expect(full.best).not.toHaveProperty('testAccuracy');

  order.length = 0;
  const failing = scripted(() => {
    throw new Error('diverged');
  });
  await expect(trainFully(request, { trainer: failing.trainer, openTester }, signal)).rejects.toThrow(
    'diverged',
  );
  expect(order).toEqual([]);
});

test('takes the last weights for the best where a trainer keeps no others, and tests them once', async () => {
  const { bestWeights: _, ...lastOnly } = result;
  const tester = scripted(() => ({ accuracy: 0.5, epochs: [], cpuSeconds: 0 }));
  const full = await trainFully(
    request,
    { trainer: scripted(() => lastOnly).trainer, openTester: async () => tester.trainer },
    signal,
  );
  expect(full.best).toEqual(full.last);
  expect(full.best).toMatchObject({ epoch: 4, testAccuracy: 0.5 });
  expect(tester.asked).toHaveLength(1);
});
