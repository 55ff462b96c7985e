import { afterAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { createEmbeddedTrainer } from '../../../src/trainers/embedded/embedded.ts';
import type { Recipe, TrainRequest } from '../../../src/trainers/trainer.ts';
import { TOY_DATASET } from '../toy-dataset.ts';

const RECIPE: Recipe = {
  epochs: 1,
  batchSize: 32,
  peakLearningRate: 0.1,
  warmupFraction: 0.15,
  momentum: 0.9,
  weightDecay: 5e-4,
  labelSmoothing: 0.05,
  flip: true,
  shiftPixels: 1,
};

function request(changes: Partial<Recipe> = {}, seed = 'a'): TrainRequest {
  const graph = new GraphBuilder();
  const stem = graph.convolutionUnit(graph.input([8, 8, 3]), 8, 'relu', { kernel: 3 });
  const logits = graph.linear(graph.globalAveragePool(stem), 4);
  return { graph: graph.build(logits), genotype: [], recipe: { ...RECIPE, ...changes }, seed };
}

describe('the embedded trainer', () => {
  const trainer = createEmbeddedTrainer({ dataset: TOY_DATASET, workers: 2 });
  afterAll(() => trainer.close());

  it('gives one result for a request, in whatever worker and company', async () => {
    const together = await Promise.all(
      ['a', 'b', 'a', 'c', 'a'].map((seed) => trainer.train(request({}, seed))),
    );
    const alone = await trainer.train(request());
    for (const place of [0, 2, 4]) expect(together[place]?.epochs).toEqual(alone.epochs);
    expect(alone.accuracy).toBeGreaterThan(0.25);
    expect(alone.cpuSeconds).toBeGreaterThan(0);
  });

  it('names the reason of a divergence and stays usable', async () => {
    await expect(trainer.train(request({ peakLearningRate: 1e6 }))).rejects.toMatchObject({
      name: 'NasError',
      message: expect.stringContaining('diverged'),
      next: expect.stringContaining('peakLearningRate'),
    });
    await expect(trainer.train(request())).resolves.toHaveProperty('accuracy');
  });

  it('rejects an aborted request with its reason within a second and stays usable', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const started = performance.now();
    setTimeout(() => controller.abort(reason), 300);
    await expect(trainer.train(request({ epochs: 100_000 }), controller.signal)).rejects.toBe(reason);
    expect(performance.now() - started).toBeLessThan(1300);
    await expect(trainer.train(request(), controller.signal)).rejects.toBe(reason);
    await expect(trainer.train(request())).resolves.toHaveProperty('accuracy');
  });

  it('has a digest that follows the dataset', async () => {
    const other = createEmbeddedTrainer({ dataset: { ...TOY_DATASET, digest: 'other' }, workers: 1 });
    const same = createEmbeddedTrainer({ dataset: TOY_DATASET, workers: 1 });
    expect(other.digest).not.toBe(trainer.digest);
    expect(same.digest).toBe(trainer.digest);
    await Promise.all([other.close(), same.close()]);
  });
});
