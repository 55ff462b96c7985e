import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import type { Dataset } from '../../src/datasets/dataset.ts';
import type { Graph, GraphNode } from '../../src/graph/graph.ts';
import type { EpochReport } from '../../src/objective/trial.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/trainers/safetensors.ts';
import type { Recipe, Trainer, TrainRequest, TrainResult } from '../../src/trainers/trainer.ts';
import { TOY_DATASET } from './toy-dataset.ts';
import { toyNetwork } from './toy-network.ts';
import { TOY_RECIPE } from './toy-recipe.ts';

export interface TrainerContractOptions {
  /** The request, changed so that its worker is killed, as by SIGKILL, when it has reported an epoch. */
  readonly doom: (request: TrainRequest, trainer: Trainer) => TrainRequest;
  /** Whether the same request gives the same bits, whatever was trained before and however often it was resumed. */
  readonly exact: boolean;
  /** Why the suite cannot run here. */
  readonly skip?: string;
}

/** Longer than any test. */
const ENDLESS = { epochs: 100_000 };

function request(changes: Partial<Recipe> = {}): TrainRequest {
  return { graph: toyNetwork(), genotype: [], recipe: { ...TOY_RECIPE, ...changes }, seed: 'a' };
}

/** What every trainer that trains does; `createTrainer` makes one that keeps its weights in a folder. */
export function trainerContract(
  name: string,
  createTrainer: (dataset: Dataset, weightsFolder: string) => Trainer | Promise<Trainer>,
  { doom, exact, skip }: TrainerContractOptions,
): void {
  describe(`trainer ${name}`, { skip: skip !== undefined }, () => {
    let folder: string;
    let trainer: Trainer;
    /** Of `request()`, trained at one go. */
    let whole: TrainResult;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'nas-trainer-'));
      trainer = await createTrainer(TOY_DATASET, join(folder, 'weights'));
      whole = await trainer.train({ ...request(), saveWeights: true, reportSteps: 20 });
    });
    afterAll(async () => {
      await trainer.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const expectSame = (found: TrainResult, expected: TrainResult): void => {
      if (exact) {
        expect(found.epochs).toEqual(expected.epochs);
        expect(found.accuracy).toBe(expected.accuracy);
        return;
      }
      expect(found.epochs.map(({ epoch }) => epoch)).toEqual(expected.epochs.map(({ epoch }) => epoch));
      for (const [index, { trainLoss }] of found.epochs.entries()) {
        expect(trainLoss).toBeCloseTo(expected.epochs[index]!.trainLoss, 2);
      }
      expect(Math.abs(found.accuracy - expected.accuracy)).toBeLessThan(0.05);
    };
    const expectUsable = async (): Promise<void> => expectSame(await trainer.train(request()), whole);
    const refusal = async (refused: TrainRequest): Promise<NasError> => {
      const error: unknown = await trainer.train(refused).then(
        () => 'nothing',
        (thrown) => thrown,
      );
      expect(error).toBeInstanceOf(NasError);
      return error as NasError;
    };
    const fileOf = (file: string, content?: Uint8Array | string): string => {
      const path = join(folder, file);
      if (content !== undefined) writeFileSync(path, content);
      return path;
    };

    test('learns a separable problem and reports its epochs', async () => {
      const reports: EpochReport[] = [];
      const result = await trainer.train({ ...request(), onEpoch: (report) => reports.push(report) });
      expect(result.accuracy).toBeGreaterThan(0.95);
      expect(result.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
      expect(result.epochs[2]?.validationAccuracy).toBe(result.accuracy);
      expect(result.epochs[2]!.trainLoss).toBeLessThan(result.epochs[0]!.trainLoss);
      expect(result.cpuSeconds).toBeGreaterThan(0);
      expect(reports).toEqual(result.epochs);
      expect(result).not.toHaveProperty('weights');
      expect(result).not.toHaveProperty('stepLosses');
    });

    test.each<[string, Partial<Recipe>, readonly string[]]>([
      ['SGD', {}, ['velocity']],
      ['RMSProp', { optimizer: 'rmsprop', peakLearningRate: 0.005 }, ['square', 'velocity']],
    ])('keeps the moments of %s with the weights, and begins with them', async (_, changes, moments) => {
      const asked = { ...request({ ...changes, epochs: 1 }), saveWeights: true };
      const { weights: plain = '' } = await trainer.train(asked);
      const { weights: full = '' } = await trainer.train({ ...asked, carryMoments: true });
      const [without, within] = [plain, full].map(
        (file) => decodeSafetensors(readFileSync(file), file).tensors,
      );
      const names = [...within!.keys()].filter((name) => !without!.has(name));
      expect([...new Set(names.map((name) => name.split('.')[2]))].sort()).toEqual(moments);
      for (const [name, tensor] of without!) expect(within!.get(name), name).toEqual(tensor);

      // At a rate of nearly 0 the weights stay, so that the moments alone tell the two apart.
      const go = (initialWeights: string) =>
        trainer.train({
          ...{ ...request({ ...changes, epochs: 1, peakLearningRate: 1e-9 }), initialWeights },
          ...{ saveWeights: true, carryMoments: true, seed: 'b' },
        });
      const velocities = await Promise.all(
        [plain, full].map(async (file) => {
          const { weights = '' } = await go(file);
          const { tensors } = decodeSafetensors(readFileSync(weights), weights);
          const slot = moments[0] ?? '';
          return [...tensors]
            .filter(([name]) => name.endsWith(`.weight.${slot}`))
            .map(([, { data }]) => data);
        }),
      );
      expect(velocities[0]).not.toEqual(velocities[1]);
    });

    test('moments of another kind of optimizer are left alone', async () => {
      const sgd = await trainer.train({ ...request({ epochs: 1 }), saveWeights: true, carryMoments: true });
      const plain = await trainer.train({ ...request({ epochs: 1 }), saveWeights: true });
      const changes = { optimizer: 'rmsprop', peakLearningRate: 0.005, epochs: 1 } as const;
      const [after, expected] = await Promise.all(
        [sgd.weights, plain.weights].map((file = '') =>
          trainer.train({ ...request(changes), initialWeights: file, carryMoments: true }),
        ),
      );
      expectSame(after!, expected!);
    });

    test('gives one result for a request, in whatever company', async () => {
      const others = ['b', 'c'].map((seed) => trainer.train({ ...request({ epochs: 1 }), seed }));
      const [again] = await Promise.all([trainer.train(request()), ...others]);
      expectSame(again, whole);
    });

    test.each<[string, Partial<Recipe>]>([
      [
        'RMSProp on a staircase',
        {
          ...{ optimizer: 'rmsprop', peakLearningRate: 0.005 },
          ...{ schedule: 'exponential', decayEpochs: 1, decayFactor: 0.5 },
        },
      ],
      ['moving averages', { emaDecay: 0.9 }],
      ['cutout and mirrored images', { cutoutPixels: 3, flip: true, epochs: 1 }],
      ['clipped gradients', { gradientClip: 1 }],
    ])('trains with %s', async (_, changes) => {
      const { epochs } = await trainer.train(request(changes));
      expect(epochs.at(-1)?.validationAccuracy).toBeGreaterThan(changes.flip ? 0.3 : 0.9);
    });

    test('reports the losses of the first steps', () => {
      expect(whole.stepLosses).toHaveLength(20);
      expect(whole.stepLosses?.[0]).toBeCloseTo(Math.log(4), 0);
      const mean = whole.stepLosses!.reduce((sum, loss) => sum + loss, 0) / 20;
      expect(mean).toBeGreaterThan(whole.epochs[2]!.trainLoss);
    });

    test('keeps weights under their digest, and starts from them', async () => {
      const path = whole.weights!;
      const bytes = readFileSync(path);
      const digest = createHash('sha256').update(bytes).digest('hex');
      expect(basename(path)).toBe(`${digest}.safetensors`);
      const { tensors } = decodeSafetensors(bytes, path);
      expect(tensors.get('1.weight')?.shape).toEqual([3, 3, 3, 10]);
      expect(tensors.get('2.running-variance')?.shape).toEqual([10]);

      const barely = request({ epochs: 1, peakLearningRate: 1e-6 });
      const fresh = await trainer.train(barely);
      const started = await trainer.train({ ...barely, initialWeights: path });
      expect(fresh.accuracy).toBeLessThan(0.6);
      expect(started.accuracy).toBeGreaterThan(0.95);
    });

    test.each<[string, (path: string) => string]>([
      ['are not there', () => fileOf('none.safetensors')],
      ['are damaged', (path) => fileOf('damaged.safetensors', readFileSync(path).subarray(0, -1))],
      [
        'are of another network',
        (path) => {
          const { tensors } = decodeSafetensors(readFileSync(path), path);
          const weight = { shape: [1, 1, 3, 10], data: new Float32Array(30) };
          const other = new Map([...tensors, ['1.weight', weight] as const]);
          return fileOf('other.safetensors', encodeSafetensors({ tensors: other, metadata: {} }));
        },
      ],
      [
        'lack some',
        (path) => {
          const { tensors } = decodeSafetensors(readFileSync(path), path);
          const fewer = new Map([...tensors].filter(([key]) => key !== '1.weight'));
          return fileOf('fewer.safetensors', encodeSafetensors({ tensors: fewer, metadata: {} }));
        },
      ],
    ])('names the file of weights that %s', async (_, spoil) => {
      const initialWeights = spoil(whole.weights!);
      expect((await refusal({ ...request(), initialWeights })).message).toContain(initialWeights);
      await expectUsable();
    });

    test('tells in a training of no epochs how good given weights are', async () => {
      const given = { ...request({ epochs: 0 }), initialWeights: whole.weights! };
      const { accuracy, epochs } = await trainer.train(given);
      expect(epochs).toEqual([]);
      expect(Math.abs(accuracy - whole.accuracy)).toBeLessThan(exact ? 1e-12 : 0.01);
    });

    test('survives the death of its worker, and goes on from the checkpoint to the same result', async () => {
      const checkpoint = join(folder, 'deep', 'checkpoint');
      const saved = { ...request({ epochs: 12, emaDecay: 0.9 }), saveWeights: true };
      const unbroken = await trainer.train(saved);
      const reports: EpochReport[] = [];
      const onEpoch = (report: EpochReport) => reports.push(report);
      expect((await refusal(doom({ ...saved, checkpoint }, trainer))).message).toContain('died');
      expect(existsSync(checkpoint)).toBe(true);
      const resumed = await trainer.train({ ...saved, checkpoint, onEpoch });
      expectSame(resumed, unbroken);
      if (exact) expect(resumed.weights).toBe(unbroken.weights);
      expect(reports.length).toBeGreaterThan(0);
      expect(reports.length).toBeLessThan(12);
      expect(reports).toEqual(resumed.epochs.slice(-reports.length));
      const [again, none] = [await trainer.train({ ...saved, checkpoint }), reports.length];
      expectSame(again, unbroken);
      expect(reports).toHaveLength(none);
    });

    test('refuses the checkpoint of another training, and a damaged one', async () => {
      const checkpoint = join(folder, 'of-one');
      await trainer.train({ ...request({ epochs: 1 }), checkpoint });
      const others = [
        { ...request({ epochs: 1 }), seed: 'b' },
        request({ epochs: 2 }),
        { ...request({ epochs: 1 }), graph: toyNetwork(12) },
      ];
      for (const other of others) {
        expect((await refusal({ ...other, checkpoint })).message).toContain(checkpoint);
      }
      writeFileSync(checkpoint, readFileSync(checkpoint).subarray(0, 1000));
      expect((await refusal({ ...request({ epochs: 1 }), checkpoint })).message).toContain(checkpoint);
      await expectUsable();
    });

    test('rejects an aborted request with the reason and stays usable', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const onEpoch = () => controller.abort(reason);
      await expect(trainer.train({ ...request(ENDLESS), onEpoch }, controller.signal)).rejects.toBe(reason);
      await expect(trainer.train(request(), controller.signal)).rejects.toBe(reason);
      await expectUsable();
    });

    test('ends a training that takes too long and stays usable', async () => {
      const error = await refusal({ ...request(ENDLESS), timeoutMs: 300 });
      expect(error.message).toContain('300 ms');
      await expectUsable();
    });

    test('names the reason of a divergence and stays usable', async () => {
      const error = await refusal(request({ peakLearningRate: 1e6 }));
      expect(error.message).toContain('diverged');
      expect(error.next).toContain('peakLearningRate');
      await expectUsable();
    });

    const broken = (change: (nodes: GraphNode[], graph: Graph) => Partial<Graph>): Graph => {
      const graph = toyNetwork();
      const nodes = [...graph.nodes];
      return { ...graph, nodes, ...change(nodes, graph) };
    };
    test.each<[string, () => Graph, string]>([
      ['other classes', () => toyNetwork(10, 5), 'expected 1x1x4'],
      [
        'other images',
        () =>
          broken((nodes) => ({
            nodes: [{ ...nodes[0]!, op: { kind: 'input', shape: [4, 4, 3] }, shape: [4, 4, 3] }],
            output: 0,
          })),
        'expected 8x8x3',
      ],
      [
        'a node that reads a later one',
        () =>
          broken((nodes) => {
            nodes[1] = { ...nodes[1]!, inputs: [5] };
            return {};
          }),
        'a broken graph: convolution reads node 5',
      ],
      [
        'a shape that its op does not give',
        () =>
          broken((nodes) => {
            nodes[1] = { ...nodes[1]!, shape: [8, 8, 11] };
            return {};
          }),
        'a broken graph: convolution says 8x8x11; expected 8x8x10',
      ],
      [
        'a sum of one tensor',
        () =>
          broken((nodes) => {
            const sum = nodes.findIndex(({ op }) => op.kind === 'add');
            nodes[sum] = { ...nodes[sum]!, inputs: [1] };
            return {};
          }),
        'add has 1 inputs; expected 2',
      ],
      ['no output', () => broken(() => ({ output: 99 })), 'a broken graph: its output is node 99'],
    ])('rejects a network with %s', async (_, graph, message) => {
      expect((await refusal({ ...request(), graph: graph() })).message).toContain(message);
      await expectUsable();
    });

    test('rejects a batch larger than the training images', async () => {
      expect((await refusal(request({ batchSize: 2000 }))).message).toContain('at least one whole batch');
    });

    test('has a digest that follows the dataset', async () => {
      const others = [{ ...TOY_DATASET, digest: 'other' }, TOY_DATASET];
      const [other, same] = await Promise.all(
        others.map(async (dataset) => {
          const made = await createTrainer(dataset, folder);
          await made.close();
          return made.digest;
        }),
      );
      expect(other).not.toBe(trainer.digest);
      expect(same).toBe(trainer.digest);
    });
  });
}
