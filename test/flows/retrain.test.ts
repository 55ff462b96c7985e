import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { type RetrainEvent, retrain, retrainingChoice } from '../../src/flows/retrain.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import type { CompletedTrial } from '../../src/objective/trial.ts';
import type { Retraining } from '../../src/store/store.ts';
import type { Trainer, TrainRequest } from '../../src/trainers/trainer.ts';
import { TOY_RECIPE } from '../trainers/toy-recipe.ts';

const trial = (number: number, accuracy: number, latencyMs: number): CompletedTrial => ({
  ...{ state: 'completed', number, genotype: [number], accuracy, latencyMs },
  ...{ params: 1, macs: 1, epochs: [], cpuSeconds: 1 },
});
const TRIALS = [trial(0, 0.5, 10), trial(1, 0.7, 30), trial(2, 0.6, 12), trial(3, 0.4, 5), trial(4, 0.6, 11)];

const graph = new GraphBuilder();
const GRAPH = graph.build(graph.input([1, 1, 4]));
const training = (genotype: readonly number[]) => ({ graph: GRAPH, genotype, recipe: TOY_RECIPE });

/** Trains in no time, to an accuracy that tells genotype and seed; the network `bad` fails. */
function recorded(bad?: number): Trainer & { readonly requests: TrainRequest[] } {
  const requests: TrainRequest[] = [];
  return {
    ...{ name: 'recorded', implementation: 'recorded', digest: 'recorded', parallelism: 2, requests },
    async train(request) {
      requests.push(request);
      if (request.genotype[0] === bad) throw new NasError('trainer', { found: 'diverged' });
      return { accuracy: request.genotype[0]! / 10, epochs: [], cpuSeconds: 2 };
    },
    close: async () => undefined,
  };
}

async function collect(trainer: Trainer, known: readonly Retraining[] = []) {
  const saved: Retraining[] = [];
  const events: RetrainEvent[] = [];
  const parts = { trainer, training, save: (retraining: Retraining) => void saved.push(retraining) };
  const chosen = retrainingChoice(TRIALS, 15, 3);
  for await (const event of retrain(chosen, known, 's', parts, new AbortController().signal)) {
    events.push(event);
  }
  return { saved, events };
}

test('the candidates are the most accurate under the target', () => {
  expect(retrainingChoice(TRIALS, 15, 3).map(({ number }) => number)).toEqual([2, 4, 0]);
  expect(retrainingChoice(TRIALS, 15, 9).map(({ number }) => number)).toEqual([2, 4, 0, 3]);
});

test('where none meets the target, those of the front that come closest', () => {
  expect(retrainingChoice(TRIALS, 4, 2).map(({ number }) => number)).toEqual([3, 0]);
});

test('each is trained once with a seed of its own, and stored', async () => {
  const trainer = recorded();
  const { saved, events } = await collect(trainer);
  expect(trainer.requests.map(({ seed }) => seed)).toEqual([
    's/retraining 2',
    's/retraining 4',
    's/retraining 0',
  ]);
  expect(saved.map(({ trial: number, accuracy }) => [number, accuracy])).toEqual([
    [2, 0.2],
    [4, 0.4],
    [0, 0],
  ]);
  expect(events.at(-1)).toMatchObject({ kind: 'retrained', done: 3, total: 3 });
});

test('what was trained before is not trained again', async () => {
  const trainer = recorded();
  const { saved } = await collect(trainer, [{ trial: 2, accuracy: 0.9, cpuSeconds: 1 }]);
  expect(trainer.requests.map(({ genotype }) => genotype[0])).toEqual([4, 0]);
  expect(saved.map(({ trial: number }) => number)).toEqual([4, 0]);
});

test('a network that fails is told of, and the others are trained', async () => {
  const { saved, events } = await collect(recorded(4));
  expect(saved.map(({ trial: number }) => number)).toEqual([2, 0]);
  expect(events.find(({ kind }) => kind === 'failed')).toMatchObject({ trial: 4 });
});
