import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NasError } from '../../../src/base/errors.ts';
import { parseSpace } from '../../../src/space/search-space.ts';
import { supernetLayout } from '../../../src/trainers/supernet/layout.ts';
import type { SupernetReport, SupernetResult, SupernetTask } from '../../../src/trainers/supernet/start.ts';
import { importSupernet } from '../../../src/trainers/supernet/weights.ts';
import { readSafetensors } from '../../../src/trainers/weight-files.ts';
import { TOY_DATASET } from '../toy-dataset.ts';
import { TOY_RECIPE } from '../toy-recipe.ts';
import { TOY_BUILD, TOY_SPACE } from './toy-space.ts';

/** Trains on the toy images. */
export type TrainSupernet = (
  task: SupernetTask,
  onReport: (report: SupernetReport) => void,
  signal?: AbortSignal,
) => Promise<SupernetResult>;

const layout = supernetLayout(parseSpace(TOY_SPACE, 'toy'), TOY_BUILD);
const { gradientClip: _, ...recipe } = { ...TOY_RECIPE, epochs: 10 };
const STEPS_PER_EPOCH = Math.floor(TOY_DATASET.train.count / recipe.batchSize);

/** What every trainer of supernets does. */
export function supernetContract(name: string, train: TrainSupernet, skip = false): void {
  describe(`a supernet trained by ${name}`, { skip }, () => {
    let folder: string;
    let whole: SupernetResult;
    const reports: SupernetReport[] = [];
    const taskOf = (file: string, changes: Partial<SupernetTask> = {}): SupernetTask => ({
      ...{ space: TOY_SPACE, build: TOY_BUILD, recipe, seed: 'a' },
      ...{ checkpoint: join(folder, file), weightsFolder: join(folder, 'weights') },
      ...changes,
    });
    const lasting = ({ cpuSeconds, ...result }: SupernetResult) => {
      expect(cpuSeconds).toBeGreaterThan(0);
      return result;
    };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'nas-supernet-contract-'));
      whole = await train(taskOf('whole'), (report) => reports.push(report));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('learns, and keeps its weights by the names of the layout', () => {
      expect(whole.params).toBe(layout.floats);
      expect(whole.epochLosses).toHaveLength(recipe.epochs);
      expect(whole.epochLosses.at(-1)).toBeLessThan(0.8 * whole.epochLosses[0]!);
      const values = importSupernet(layout, readSafetensors(whole.weights), whole.weights);
      expect(values.every(Number.isFinite)).toBe(true);
    });

    test('reports how far it is, up to the end', () => {
      const steps = reports.map(({ step }) => step);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      const last = { step: recipe.epochs * STEPS_PER_EPOCH, steps: recipe.epochs * STEPS_PER_EPOCH };
      expect(reports.at(-1)).toMatchObject({ ...last, resumedFrom: 0 });
    });

    test('stops when it is told to, and goes on from its checkpoint to the very weights of one that did not', async () => {
      const stopping = new AbortController();
      const reason = new Error('enough');
      const task = taskOf('stopped');
      const stopped = train(
        task,
        ({ step }) => {
          if (step >= 7 * STEPS_PER_EPOCH) stopping.abort(reason);
        },
        stopping.signal,
      );
      await expect(stopped).rejects.toBe(reason);
      expect(existsSync(task.checkpoint)).toBe(true);
      let resumedFrom = 0;
      const resumed = await train(task, (report) => {
        resumedFrom = report.resumedFrom;
      });
      expect(resumedFrom).toBeGreaterThan(0);
      expect(lasting(resumed)).toEqual(lasting(whole));
      await expect(train(taskOf('never'), () => undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test('refuses the checkpoint of another supernet, and a damaged one', async () => {
      const other = taskOf('whole', { seed: 'b' });
      await expect(train(other, () => undefined)).rejects.toThrow(other.checkpoint);
      const damaged = taskOf('damaged');
      writeFileSync(damaged.checkpoint, 'no tensors');
      await expect(train(damaged, () => undefined)).rejects.toThrow(damaged.checkpoint);
    });

    test('names the reason of a divergence, and how to avoid it', async () => {
      const wild = { ...recipe, peakLearningRate: 1e9 };
      const error: unknown = await train(taskOf('wild', { recipe: wild }), () => undefined).then(
        () => 'nothing',
        (thrown) => thrown,
      );
      expect(error).toBeInstanceOf(NasError);
      expect((error as NasError).message).toContain('diverged');
      expect((error as NasError).next).toContain('peakLearningRate');
    });
  });
}
