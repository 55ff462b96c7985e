import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';
import { buildGraph } from '../../src/space/network.ts';
import { createNetwork } from '../../src/trainers/embedded/network.ts';
import { createRuntime } from '../../src/trainers/embedded/runtime.ts';
import { trainNetwork } from '../../src/trainers/embedded/training.ts';
import { exportWeights } from '../../src/trainers/embedded/weights.ts';
import { createPytorchTrainer } from '../../src/trainers/pytorch/pytorch.ts';
import type { Recipe } from '../../src/trainers/recipe.ts';
import type { StoredTensor } from '../../src/trainers/safetensors.ts';
import type { Trainer } from '../../src/trainers/trainer.ts';
import { keepWeights, readSafetensors } from '../../src/trainers/weight-files.ts';
import { EXAMPLES } from '../blocks/examples.ts';
import { addBlock, place, type Source } from '../blocks/lower.ts';
import { NETWORKS } from '../space/shipped.ts';
import { HAS_TORCH, PYTHON } from './pytorch/python.ts';
import { randomDataset } from './random-dataset.ts';

const STEPS = 20;
const CLASSES = 10;
/** Of losses of about 2.3 nats. */
const TOLERANCE = 1e-3;

const COMMON = {
  epochs: 2,
  warmupFraction: 0.15,
  momentum: 0.9,
  labelSmoothing: 0.1,
  flip: true,
  shiftPixels: 2,
};

const RECIPES: Readonly<Record<string, Omit<Recipe, 'batchSize'>>> = {
  SGD: { ...COMMON, peakLearningRate: 0.02, weightDecay: 5e-4, gradientClip: 2 },
  RMSProp: {
    ...COMMON,
    optimizer: 'rmsprop',
    peakLearningRate: 0.002,
    weightDecay: 1e-4,
    schedule: 'exponential',
    decayEpochs: 0.3,
    decayFactor: 0.9,
    emaDecay: 0.9,
    cutoutPixels: 4,
  },
};

/**
 * Rounding errors grow from layer to layer of batch-norm and from step to step: PyTorch in float32 and in float64, or
 * in float64 from weights that differ by 1e-7, are as far apart as the two trainers, a tenth of a nat after 20 steps
 * of a whole MobileNetV2 at 64x64 in batches of 8. So networks are trained where losses are not a matter of chance:
 * the deepest maps of 3x3 give batch-norms 144 pixels, stages have two layers at most, and steps are small.
 */
const SMALL = {
  batchSize: 16,
  resolution: 24,
  dropEarlyStrides: 2,
  layersPerStage: 2,
  /** Of the learning rates for blocks. */
  slower: { SGD: 1 / 200, RMSProp: 1 / 100 } as Readonly<Record<string, number>>,
};

const runtime = createRuntime();
const folder = mkdtempSync(join(tmpdir(), 'nas-parity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Initial weights in which nothing is 0 or 1, so that every parameter counts from the first step on. Where no
 * batch-norm holds them, they are smaller, for logits of about 1.
 */
function weightsOf(graph: Graph, seed: string): string {
  const rng = createRng(seed);
  const isNormalised = graph.nodes.some(({ op }) => op.kind === 'batch-norm');
  const network = createNetwork(runtime, graph, { batchSize: 1, rng });
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of exportWeights(runtime, network.parameters)) {
    const noise = rng.fork(name);
    const isPositive = name.endsWith('scale') || name.endsWith('variance');
    const varied = Float32Array.from(data, (value) => {
      if (name.endsWith('weight')) return isNormalised ? value : value * 0.8;
      return isPositive ? 0.5 + noise.uniform() : value + 0.1 * noise.normal();
    });
    tensors.set(name, { shape, data: varied });
  }
  return keepWeights(folder, tensors);
}

/** How far all that is learnt in two files is apart. */
function totalDistance(a: string, b: string): number {
  const theirs = readSafetensors(b).tensors;
  let squares = 0;
  for (const [name, { data }] of readSafetensors(a).tensors) {
    if (name.includes('running')) continue;
    const other = theirs.get(name);
    data.forEach((value, i) => {
      squares += (value - (other?.data[i] ?? Number.NaN)) ** 2;
    });
  }
  return Math.sqrt(squares);
}

/** The distance of two files' tensors, each as a part of its norm; the largest. */
function largestDistance(a: string, b: string): number {
  const [ours, theirs] = [readSafetensors(a).tensors, readSafetensors(b).tensors];
  expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort());
  const distances = [...ours].map(([name, { shape, data }]) => {
    const other = theirs.get(name);
    expect(other?.shape, name).toEqual(shape);
    let squares = 0;
    let distance = 0;
    data.forEach((value, i) => {
      squares += value ** 2;
      distance += (value - (other?.data[i] ?? Number.NaN)) ** 2;
    });
    return Math.sqrt(distance) / (Math.sqrt(squares) + 1e-2 * Math.sqrt(data.length));
  });
  return Math.max(...distances);
}

async function expectAgreement(
  trainer: Trainer,
  dataset: Dataset,
  graph: Graph,
  recipe: Recipe,
): Promise<void> {
  const initialWeights = weightsOf(graph, 'parity');
  const request = { graph, recipe, seed: 'parity', initialWeights, reportSteps: STEPS };
  const theirs = await trainer.train({ ...request, genotype: [], saveWeights: true });
  const ours = trainNetwork(runtime, dataset, { ...request, weightsFolder: folder });
  expect(ours.stepLosses).toHaveLength(STEPS);
  expect(theirs.stepLosses).toHaveLength(STEPS);
  const differences = ours.stepLosses?.map((loss, step) =>
    Math.abs(loss - (theirs.stepLosses?.[step] ?? Number.NaN)),
  );
  expect(Math.max(...(differences ?? []))).toBeLessThan(TOLERANCE);
  expect(largestDistance(ours.weights ?? '', theirs.weights ?? '')).toBeLessThan(0.02);
  // Both have moved, and the same way.
  const moved = totalDistance(ours.weights ?? '', initialWeights);
  expect(moved).toBeGreaterThan(1e-4);
  expect(totalDistance(ours.weights ?? '', theirs.weights ?? '') / moved).toBeLessThan(0.5);
}

describe.skipIf(!HAS_TORCH)(`embedded and PyTorch trainers agree (PyTorch of ${PYTHON})`, () => {
  describe.each(Object.entries(RECIPES))('with %s', (optimizer, recipe) => {
    describe('on blocks', () => {
      const dataset = randomDataset(14, (STEPS / 2) * 8, CLASSES);
      const trainer = sharedTrainer(dataset);
      test.each(Object.entries(EXAMPLES))('%s', async (type, examples) => {
        for (const source of examples) {
          for (const graph of networksAround(type, source)) {
            await expectAgreement(trainer(), dataset, graph, { ...recipe, batchSize: 8 });
          }
        }
      });
    });

    describe('on networks', () => {
      const { batchSize, resolution, dropEarlyStrides, layersPerStage, slower } = SMALL;
      const peakLearningRate = (slower[optimizer] ?? 1) * recipe.peakLearningRate;
      const dataset = randomDataset(resolution, (STEPS / 2) * batchSize, CLASSES);
      const trainer = sharedTrainer(dataset);
      test.each([...NETWORKS])('%s', async (name, architecture) => {
        // SqueezeNext's layers are five convolutions deep.
        const layers = name.startsWith('squeezenext') ? 1 : layersPerStage;
        const stages = architecture.stages.map((stage) => ({
          ...stage,
          repeat: Math.min(stage.repeat, layers),
        }));
        // VGG's fully connected layers have 4,096 channels.
        const width = name.startsWith('vgg') ? 1 / 16 : 1 / 4;
        const size = { width, resolution, dropEarlyStrides, classes: CLASSES };
        const graph = buildGraph({ ...architecture, stages }, size);
        const small = { ...recipe, batchSize, peakLearningRate, gradientClip: 2 };
        await expectAgreement(trainer(), dataset, graph, small);
      });
    });
  });
});

/** A trainer of one worker that sees the batches of the embedded one; there while the tests around it run. */
function sharedTrainer(dataset: Dataset): () => Trainer {
  let trainer: Trainer | undefined;
  beforeAll(async () => {
    trainer = await createPytorchTrainer({
      dataset,
      python: PYTHON,
      devices: ['cpu'],
      workersPerDevice: 1,
      embeddedBatches: true,
      datasetsFolder: join(folder, 'datasets'),
      weightsFolder: join(folder, 'weights'),
    });
  });
  afterAll(() => trainer?.close());
  return () => {
    if (trainer === undefined) throw new Error('no trainer yet');
    return trainer;
  };
}

/** The block between a stem and a classifier: where it may add its input, and where it halves and widens it. */
function networksAround(type: string, source: Source): readonly Graph[] {
  return [
    place({ channels: 16, stride: 1, classes: CLASSES }),
    place({ channels: type === 'pool' ? 16 : 24, stride: 2, classes: CLASSES }),
  ].map((at) => {
    const graph = new GraphBuilder();
    const stem = graph.convolutionUnit(graph.input([14, 14, 3]), 16, 'relu', { kernel: 3 });
    const output = addBlock(graph, stem, source, at);
    if (type.endsWith('classifier')) return graph.build(output);
    const [height, width] = graph.shapeOf(output);
    const pooled = height * width === 1 ? output : graph.globalAveragePool(output);
    return graph.build(graph.linear(pooled, CLASSES));
  });
}
