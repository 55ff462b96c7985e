import { describe, expect, it } from 'vitest';
import { type Graph, GraphBuilder } from '../../../src/graph/graph.ts';
import { createRuntime } from '../../../src/trainers/embedded/runtime.ts';
import { trainNetwork } from '../../../src/trainers/embedded/training.ts';
import type { Recipe } from '../../../src/trainers/trainer.ts';
import { TOY_DATASET } from '../toy-dataset.ts';

const RECIPE: Recipe = {
  epochs: 3,
  batchSize: 32,
  peakLearningRate: 0.1,
  warmupFraction: 0.15,
  momentum: 0.9,
  weightDecay: 5e-4,
  labelSmoothing: 0.05,
  flip: false,
  shiftPixels: 1,
};

function toyNetwork(width: number): Graph {
  const graph = new GraphBuilder();
  const stem = graph.convolutionUnit(graph.input([8, 8, 3]), width, 'hswish', { kernel: 3 });
  const deep = graph.convolutionUnit(stem, width, 'relu', { kernel: 3, groups: width });
  const block = graph.batchNorm(graph.convolution(deep, width));
  const sum = graph.add({ kind: 'add' }, [stem, block]);
  return graph.build(graph.linear(graph.globalAveragePool(sum), 4));
}

const task = { graph: toyNetwork(10), recipe: RECIPE, seed: 'a' };

describe('training', () => {
  const runtime = createRuntime();
  const train = (changed: Partial<typeof task> = {}) => {
    const { accuracy, epochs } = trainNetwork(runtime, TOY_DATASET, { ...task, ...changed });
    return { accuracy, epochs };
  };

  it('learns a separable problem', () => {
    const { accuracy, epochs } = train();
    expect(accuracy).toBeGreaterThan(0.95);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(epochs[2]?.validationAccuracy).toBe(accuracy);
    expect(epochs[2]?.trainLoss).toBeLessThan(epochs[0]?.trainLoss ?? 0);
  });

  it('gives the same bits for the same seed, whatever the runtime trained before', () => {
    const fresh = trainNetwork(createRuntime(), TOY_DATASET, task);
    train({ graph: toyNetwork(23), seed: 'b' });
    expect(train()).toEqual({ accuracy: fresh.accuracy, epochs: fresh.epochs });
  });

  it('gives other bits for another seed', () => {
    expect(train({ seed: 'b' }).epochs[0]?.trainLoss).not.toBe(train().epochs[0]?.trainLoss);
  });

  it('measures processor time', () => {
    const { cpuSeconds } = trainNetwork(runtime, TOY_DATASET, task);
    expect(cpuSeconds).toBeGreaterThan(0);
    expect(cpuSeconds).toBeLessThan(60);
  });

  it('reports divergence with the step and the rate to lower', () => {
    const recipe = { ...RECIPE, peakLearningRate: 1e4 };
    expect(() => train({ recipe })).toThrow(/diverged: its loss is .* at step \d+/);
  });

  it('refuses a network that does not suit the dataset', () => {
    const graph = new GraphBuilder();
    const pooled = graph.globalAveragePool(graph.input([8, 8, 3]));
    expect(() => train({ graph: graph.build(graph.linear(pooled, 5)) })).toThrow('expected 1x1x4');
    expect(() => train({ recipe: { ...RECIPE, batchSize: 2000 } })).toThrow('at least one whole batch');
  });
});
