import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/graph/graph.ts';
import { createRuntime } from '../../../src/trainers/embedded/runtime.ts';
import { trainNetwork } from '../../../src/trainers/embedded/training.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src/trainers/safetensors.ts';
import type { Recipe } from '../../../src/trainers/trainer.ts';
import { TOY_DATASET } from '../toy-dataset.ts';
import { toyNetwork } from '../toy-network.ts';
import { TOY_RECIPE } from '../toy-recipe.ts';

const task = { graph: toyNetwork(), recipe: TOY_RECIPE, seed: 'a' };
const runtime = createRuntime();
const train = (changed: Partial<Parameters<typeof trainNetwork>[2]> = {}) => {
  const { cpuSeconds: _, ...result } = trainNetwork(runtime, TOY_DATASET, { ...task, ...changed });
  return result;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-training-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('training', () => {
  it('gives the same bits for the same seed, whatever the runtime trained before', () => {
    const { cpuSeconds: _, ...fresh } = trainNetwork(createRuntime(), TOY_DATASET, task);
    train({ graph: toyNetwork(23), seed: 'b' });
    expect(train()).toEqual(fresh);
  });

  it('gives other bits for another seed', () => {
    expect(train({ seed: 'b' }).epochs[0]?.trainLoss).not.toBe(train().epochs[0]?.trainLoss);
  });

  it('validates the moving averages, and learns from the weights themselves', () => {
    const plain = train().epochs;
    const averaged = train({ recipe: { ...TOY_RECIPE, emaDecay: 0.999 } }).epochs;
    expect(averaged.map(({ trainLoss }) => trainLoss)).toEqual(plain.map(({ trainLoss }) => trainLoss));
    expect(averaged[0]?.validationAccuracy).not.toBe(plain[0]?.validationAccuracy);
  });

  it('measures processor time', () => {
    expect(trainNetwork(runtime, TOY_DATASET, task).cpuSeconds).toBeGreaterThan(0);
  });

  it('reports divergence with the step and the rate to lower', () => {
    const recipe = { ...TOY_RECIPE, peakLearningRate: 1e4 };
    expect(() => train({ recipe })).toThrow(/diverged: its loss is .* at step \d+/);
  });

  it('is over when its time is, by its clock', () => {
    let nowMs = 0;
    const clock = { monotonicMs: () => nowMs++, timestamp: () => '' };
    const timed = (timeoutMs: number) =>
      trainNetwork(runtime, TOY_DATASET, { ...task, timeoutMs }, { clock });
    // A tick a batch: 31 of training and 7 of validation an epoch.
    expect(() => timed(60)).toThrow('in epoch 2 after 60 ms');
    expect(timed(3 * 38 + 1).epochs).toHaveLength(3);
  });
});

describe('checkpoints', () => {
  const recipes: readonly [string, Partial<Recipe>][] = [
    ['momentum', { flip: true, gradientClip: 0.5 }],
    ['RMSProp', { optimizer: 'rmsprop', peakLearningRate: 0.005, schedule: 'exponential', cutoutPixels: 3 }],
    ['moving averages', { emaDecay: 0.95 }],
  ];

  it.each(recipes)('with %s lead from every epoch to the same bits', (name, changes) => {
    const recipe = { ...TOY_RECIPE, ...changes };
    const wanted = { recipe, reportSteps: 40, weightsFolder: folder, saveBestWeights: true };
    const unbroken = train(wanted);
    const checkpoint = join(folder, name);
    const saved: string[] = [];
    trainNetwork(
      runtime,
      TOY_DATASET,
      { ...task, ...wanted, checkpoint },
      {
        onEpoch: ({ epoch }) => {
          saved.push(`${checkpoint} ${epoch}`);
          copyFileSync(checkpoint, `${checkpoint} ${epoch}`);
        },
      },
    );
    expect(saved).toHaveLength(3);
    for (const copy of saved) {
      train({ graph: toyNetwork(5), seed: 'another network in the memory' });
      expect(train({ ...wanted, checkpoint: copy })).toEqual(unbroken);
    }
  });

  it('lead to the same bits after a kill in the middle of an epoch', async () => {
    const recipe = { ...TOY_RECIPE, epochs: 12 };
    const checkpoint = join(folder, 'killed');
    const file = join(folder, 'task.json');
    const plain = (_: string, value: unknown) =>
      ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value;
    writeFileSync(
      file,
      JSON.stringify({ dataset: TOY_DATASET, task: { ...task, recipe, checkpoint } }, plain),
    );
    const script = new URL('train-forever.mjs', import.meta.url).pathname;
    const child: ChildProcess = spawn(process.execPath, [script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close').then(() => Promise.reject(new Error('it ended by itself')));
    await Promise.race([once(child.stdout!, 'data'), ended]);
    child.kill('SIGKILL');
    await once(child, 'close');
    const { metadata } = decodeSafetensors(readFileSync(checkpoint), checkpoint);
    expect(Number(metadata.epoch)).toBeGreaterThan(0);
    expect(train({ recipe, checkpoint })).toEqual(train({ recipe }));
  });
});

describe('the best weights', () => {
  const wanted = {
    recipe: { ...TOY_RECIPE, epochs: 6, peakLearningRate: 0.4, emaDecay: 0.5 },
    saveBestWeights: true,
  };
  const accuracyOf = (initialWeights: string) =>
    train({ initialWeights, recipe: { ...wanted.recipe, epochs: 0 } }).accuracy;

  it('validate as their epoch did, which need not be the last', () => {
    const asked = { ...wanted, weightsFolder: folder };
    const { epochs, weights, bestWeights } = train(asked);
    const accuracies = epochs.map(({ validationAccuracy }) => validationAccuracy);
    const best = Math.max(...accuracies);
    expect(accuracies.indexOf(best)).toBeLessThan(5);
    expect(bestWeights).not.toBe(weights);
    expect(accuracyOf(bestWeights!)).toBe(best);
    expect(accuracyOf(weights!)).toBe(accuracies.at(-1));
  });

  it('are kept only where they are asked for', () => {
    expect(train({ ...wanted, weightsFolder: folder, saveBestWeights: false })).not.toHaveProperty(
      'bestWeights',
    );
  });
});

describe('a network that tells no images apart', () => {
  /** The stem's first batch-norm is node 2; 40 more follow. */
  const deepNetwork = () => {
    const graph = new GraphBuilder();
    const stem = graph.convolutionUnit(graph.input([8, 8, 3]), 4, 'relu', { kernel: 3, stride: 2 });
    let tensor = graph.globalAveragePool(stem);
    for (let unit = 0; unit < 40; unit++) tensor = graph.convolutionUnit(tensor, 8, 'hswish');
    return graph.build(graph.linear(tensor, 4));
  };
  const graph = deepNetwork();
  /** Weights with which no unit of the stem is ever above 0. */
  const deadWeights = (): string => {
    const path = train({ graph, recipe: { ...TOY_RECIPE, epochs: 0 }, weightsFolder: folder }).weights!;
    const { tensors } = decodeSafetensors(readFileSync(path), path);
    const dead = { shape: [4], data: new Float32Array(4).fill(-100) };
    const initialWeights = join(folder, 'dead.safetensors');
    const changed = new Map([...tensors, ['2.shift', dead] as const]);
    writeFileSync(initialWeights, encodeSafetensors({ tensors: changed, metadata: {} }));
    return initialWeights;
  };

  it('has gradients beyond float32 at finite weights, which a clipped training does without', () => {
    const recipe = { ...TOY_RECIPE, epochs: 3, gradientClip: 2 };
    const short = { graph, initialWeights: deadWeights(), recipe };
    expect(() => train({ ...short, recipe: { ...recipe, gradientClip: undefined } })).toThrow(
      'diverged: its loss is NaN at step 2',
    );
    expect(Number.isFinite(train(short).epochs[2]?.trainLoss)).toBe(true);
  });

  it('is given up after a hundred such steps', () => {
    const recipe = { ...TOY_RECIPE, epochs: 4, gradientClip: 2 };
    expect(() => train({ graph, initialWeights: deadWeights(), recipe })).toThrow('collapsed');
  });
});
