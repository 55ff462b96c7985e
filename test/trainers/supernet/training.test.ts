import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { sampleGenotype } from '../../../src/space/sample.ts';
import { parseSpace } from '../../../src/space/search-space.ts';
import { createBatchLoader } from '../../../src/trainers/embedded/batches.ts';
import { createNetwork, type Network } from '../../../src/trainers/embedded/network.ts';
import { createRuntime, type Runtime } from '../../../src/trainers/embedded/runtime.ts';
import { importWeights } from '../../../src/trainers/embedded/weights.ts';
import { decodeSafetensors, type StoredTensor } from '../../../src/trainers/safetensors.ts';
import { supernetLayout } from '../../../src/trainers/supernet/layout.ts';
import { scoreNetwork } from '../../../src/trainers/supernet/scoring.ts';
import type { SupernetTask } from '../../../src/trainers/supernet/start.ts';
import { trainSupernet } from '../../../src/trainers/supernet/training.ts';
import { importSupernet, inherit } from '../../../src/trainers/supernet/weights.ts';
import { readSafetensors } from '../../../src/trainers/weight-files.ts';
import { TOY_DATASET } from '../toy-dataset.ts';
import { TOY_RECIPE } from '../toy-recipe.ts';
import { TOY_BUILD, TOY_SPACE } from './toy-space.ts';

const space = parseSpace(TOY_SPACE, 'toy');
const layout = supernetLayout(space, TOY_BUILD);
const runtime = createRuntime();

/** 248 steps: one checkpoint on the way. */
const recipe = { ...TOY_RECIPE, epochs: 8, gradientClip: 2 };
let folder: string;
const taskOf = (name: string, changes: Partial<SupernetTask> = {}): SupernetTask => ({
  ...{ space: TOY_SPACE, build: TOY_BUILD, recipe, seed: 'a' },
  ...{ checkpoint: join(folder, name), weightsFolder: join(folder, 'weights') },
  ...changes,
});
const train = (task: SupernetTask, onReport?: Parameters<typeof trainSupernet>[3]) => {
  const { cpuSeconds, ...result } = trainSupernet(runtime, TOY_DATASET, task, onReport);
  expect(cpuSeconds).toBeGreaterThan(0);
  return result;
};
let whole: ReturnType<typeof train>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-supernet-'));
  whole = train(taskOf('whole'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('training a supernet', () => {
  test('learns, and keeps the shared weights by name under their digest', () => {
    expect(whole.params).toBe(layout.floats);
    expect(whole.epochLosses).toHaveLength(8);
    expect(whole.epochLosses.at(-1)).toBeLessThan(0.6 * whole.epochLosses[0]!);
    const { tensors } = decodeSafetensors(readFileSync(whole.weights), whole.weights);
    expect([...tensors.keys()].sort()).toEqual([...layout.parameters.keys()].sort());
  });

  test('gives the same bits for the same seed, and others for another', () => {
    expect(train(taskOf('again'))).toEqual(whole);
    expect(train(taskOf('other', { seed: 'b' })).weights).not.toBe(whole.weights);
  });

  test('goes on from its checkpoint to the same bits', () => {
    const steps: number[] = [];
    const killed = new Error('killed');
    const task = taskOf('broken');
    expect(() =>
      train(task, ({ step }) => {
        if (step >= 220) throw killed;
      }),
    ).toThrow(killed);
    expect(existsSync(task.checkpoint)).toBe(true);
    expect(train(task, ({ step }) => steps.push(step))).toEqual(whole);
    expect(steps[0]).toBeGreaterThan(200);
    // One that had ended already.
    expect(train(task)).toEqual(whole);
  });

  test('resumes RMSProp to the same bits', () => {
    const changes = {
      recipe: { ...recipe, optimizer: 'rmsprop', peakLearningRate: 0.005, epochs: 7 } as const,
    };
    const unbroken = train(taskOf('rmsprop', changes));
    const broken = taskOf('rmsprop broken', changes);
    expect(() =>
      train(broken, ({ step }) => {
        if (step === 200) throw new Error('killed');
      }),
    ).toThrow('killed');
    expect(train(broken)).toEqual(unbroken);
  });

  test('refuses the checkpoint of another supernet, and a damaged one', () => {
    const { checkpoint } = taskOf('whole');
    expect(() => train(taskOf('whole', { seed: 'b' }))).toThrow(checkpoint);
    const damaged = taskOf('damaged');
    writeFileSync(damaged.checkpoint, readFileSync(checkpoint).subarray(0, 1000));
    expect(() => train(damaged)).toThrow(damaged.checkpoint);
  });

  test('names the reason of a divergence', () => {
    const wild = { ...recipe, peakLearningRate: 1e6 };
    expect(() => train(taskOf('wild', { recipe: wild }))).toThrow('diverged');
  });
});

describe('a sliced network', () => {
  const values = () => importSupernet(layout, readSafetensors(whole.weights), whole.weights);

  test.each(['a', 'b', 'c', 'd', 'e'])('computes what a network with those weights computes (%s)', (seed) => {
    const genotype = sampleGenotype(space.decisions, createRng(seed));
    const architecture = space.decode(genotype);
    const graph = buildGraph(architecture, TOY_BUILD);
    const scored = scoreNetwork(
      runtime,
      TOY_DATASET,
      { space, layout, values: values() },
      { graph, genotype, recipe, tuningSteps: 0, weightsFolder: join(folder, 'weights') },
    );
    // Cut out of the file by hand, with the statistics that the network computed anew.
    const kept = readSafetensors(scored.weights!).tensors;
    const { tensors: shared } = readSafetensors(whole.weights);
    const sliced = new Map<string, StoredTensor>();
    for (const [name, tensor] of kept) {
      const [, node = '', role = ''] = /^(\d+)\.(.+)$/.exec(name) ?? [];
      if (role.startsWith('running')) {
        sliced.set(name, tensor);
        continue;
      }
      const { name: path = '', op } = graph.nodes[Number(node)]!;
      const [, stage = '', layer = '', rest = ''] = /^stages\.(\d)\.(\d)\.(.*)$/.exec(path) ?? [];
      const { type } = architecture.stages[Number(stage)]!.block;
      const groups = op.kind === 'convolution' && op.groups > 1 ? ' of all' : '';
      const whole = shared.get(`stages.${stage}.${layer}.${type}.${rest}${groups}.${role}`)!;
      sliced.set(name, { shape: tensor.shape, data: cut(whole, tensor.shape) });
    }
    expect([...sliced.keys()]).toEqual([...kept.keys()]);
    for (const [name, { data }] of sliced) expect([name, data]).toEqual([name, kept.get(name)!.data]);

    const alone = createRuntime();
    const network = createNetwork(alone, graph, { batchSize: 64, rng: createRng('none') });
    importWeights(alone, network.parameters, { tensors: sliced, metadata: {} }, 'sliced');
    const heir = createNetwork(runtime, graph, { batchSize: 64, rng: undefined });
    inherit(runtime, layout, architecture, graph, heir.parameters).take('value', values());
    expect(logitsOf(runtime, heir)).toEqual(logitsOf(alone, network));
    expect(scored.accuracy).toBeGreaterThan(0.4);
  });
});

/** The first channels of a tensor, and of a kernel the centre. */
function cut({ shape, data }: StoredTensor, wanted: readonly number[]): Float32Array {
  const origin = shape.map((size, axis) => (shape.length === 4 && axis < 2 ? (size - wanted[axis]!) / 2 : 0));
  const result: number[] = [];
  const walk = (axis: number, place: number): void => {
    if (axis === shape.length) {
      result.push(data[place]!);
      return;
    }
    for (let i = 0; i < wanted[axis]!; i++) walk(axis + 1, place * shape[axis]! + i + origin[axis]!);
  };
  walk(0, 0);
  return Float32Array.from(result);
}

/** Of the first images, batch-norm going by their own statistics. */
function logitsOf(of: Runtime, network: Network): Float32Array {
  const loader = createBatchLoader(of, TOY_DATASET, network.input);
  loader.load(Int32Array.from({ length: 64 }, (_, index) => index));
  network.forward({ training: true, statisticsMomentum: 1 });
  const { value, floats } = network.output;
  const logits = of.floats(value, floats).slice();
  expect(new Set(logits).size).toBeGreaterThan(64);
  return logits;
}
