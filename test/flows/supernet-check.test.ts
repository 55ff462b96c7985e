import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { checkSupernet, type SupernetCandidate, summarizeSupernet } from '../../src/flows/supernet-check.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import type { Trainer } from '../../src/trainers/trainer.ts';
import { TOY_RECIPE } from '../trainers/toy-recipe.ts';

const graph = new GraphBuilder();
const GRAPH = graph.build(graph.input([1, 1, 4]));
const candidates = [0.3, 0.5, 0.4, 0.6, 0.2].map((_, index) => {
  const genotype = [index];
  return { genotype, macs: 10 - index, training: { graph: GRAPH, genotype, recipe: TOY_RECIPE } };
});

function answering(accuracyOf: (network: number, epochs: number) => number | undefined): Trainer {
  return {
    ...{ name: 'known', implementation: 'known', digest: 'known', parallelism: 2 },
    async train({ genotype, recipe }) {
      const accuracy = accuracyOf(genotype[0]!, recipe.epochs);
      if (accuracy === undefined) throw new NasError('known', { found: 'it diverged' });
      return { accuracy, epochs: [], cpuSeconds: 0.5 };
    },
    close: async () => undefined,
  };
}

async function check(supernet: Trainer, trainer: Trainer, asked: readonly SupernetCandidate[] = candidates) {
  const events = checkSupernet(asked, 4, 's', { supernet, trainer }, new AbortController().signal);
  const done: number[] = [];
  const failures: string[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done) return { done, failures, check: next.value };
    if (next.value.failure !== undefined) failures.push(next.value.failure);
    if (next.value.macs > 0) done.push(next.value.done);
  }
}

test('the same order is a rank correlation of 1, and levelled differences are told', async () => {
  const supernet = answering((network, epochs) =>
    epochs === TOY_RECIPE.epochs ? 0.5 + network / 100 : undefined,
  );
  const trainer = answering((network, epochs) =>
    epochs === 4 * TOY_RECIPE.epochs ? 0.3 + network / 10 : undefined,
  );
  const result = await check(supernet, trainer);
  expect(result.done).toEqual([1, 2, 3, 4, 5]);
  expect(result.check.rankCorrelation).toBeCloseTo(1, 12);
  expect(result.check.spread).toBeCloseTo(0.1, 9);
  expect(result.check.cpuSecondsEach).toBe(0.5);
  expect(result.check.points.map(({ genotype }) => genotype[0])).toEqual([0, 1, 2, 3, 4]);
});

test('networks that were trained before are not trained again', async () => {
  const trained: number[] = [];
  const known = candidates.map((candidate, index) => ({
    ...candidate,
    trainedAccuracy: index < 3 ? 0.3 + index / 10 : undefined,
  }));
  const trainer = answering((network) => {
    trained.push(network);
    return 0.3 + network / 10;
  });
  const result = await check(
    answering((network) => 0.5 + network / 100),
    trainer,
    known,
  );
  expect(trained.sort()).toEqual([3, 4]);
  expect(result.done).toEqual([1, 2]);
  expect(result.check.points).toHaveLength(5);
  expect(result.check.rankCorrelation).toBeCloseTo(1, 12);
});

test('the opposite order is one of -1', async () => {
  const result = await check(
    answering((network) => 1 - network / 10),
    answering((network) => network / 10),
  );
  expect(result.check.rankCorrelation).toBeCloseTo(-1, 12);
});

test('a network that fails is left out, and it is told why', async () => {
  const result = await check(
    answering((network) => (network === 1 ? undefined : network / 10)),
    answering((network) => (network === 2 ? undefined : network / 10)),
  );
  expect(result.check.points).toHaveLength(3);
  expect(result.failures).toEqual(['score of 1: known: it diverged', 'training of 2: known: it diverged']);
});

test('two networks have no order worth telling', () => {
  expect(() => summarizeSupernet([], 4, 's')).toThrow('at least 3 to rank');
});
