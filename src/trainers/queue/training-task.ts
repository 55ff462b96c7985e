import { z } from 'zod';
import { parseWith } from '../../base/parse.ts';
import type { Graph } from '../../graph/graph.ts';
import { graphSchema } from '../../graph/graph-schema.ts';
import type { EpochReport } from '../../objective/trial.ts';
import type { WorkerPool } from '../../workers/pool.ts';
import type { Recipe } from '../recipe.ts';

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

const recipeSchema = z.looseObject({ epochs: z.int().min(0), batchSize: z.int().positive() });

const taskSchema = z.strictObject({
  graph: graphSchema,
  genotype: z.array(z.int()),
  recipe: recipeSchema,
  seed: z.string(),
  /** Of the file that holds the images, in the shared store. */
  dataset: digestSchema,
  /** Of a file there, too. */
  initialWeights: digestSchema.exactOptional(),
  /** Under which the state of the training is kept there. */
  checkpoint: digestSchema.exactOptional(),
  /** Of the state that was there when the training was asked for: with another it is another task. */
  state: digestSchema.exactOptional(),
  untilEpoch: z.int().exactOptional(),
  saveWeights: z.boolean().exactOptional(),
  carryMoments: z.boolean().exactOptional(),
  saveBestWeights: z.boolean().exactOptional(),
  timeoutMs: z.number().positive().exactOptional(),
  reportSteps: z.int().exactOptional(),
});

/** A training on its way to another machine: `TrainRequest` with digests in the place of paths. */
export type TrainingTask = Omit<z.output<typeof taskSchema>, 'graph' | 'recipe'> & {
  readonly graph: Graph;
  readonly recipe: Recipe;
};

/** What a worker of the queue is asked, checked as far as it has to be before a trainer checks the rest. */
export function parseTrainingTask(value: unknown): TrainingTask {
  return parseWith(taskSchema, value, 'task') as unknown as TrainingTask;
}

const epochSchema = z.object({
  epoch: z.int(),
  trainLoss: z.number(),
  validationAccuracy: z.number().min(0).max(1),
});

const resultSchema = z.strictObject({
  accuracy: z.number().min(0).max(1),
  epochs: z.array(epochSchema),
  cpuSeconds: z.number().min(0),
  /** Of files in the shared store. */
  weights: digestSchema.exactOptional(),
  bestWeights: digestSchema.exactOptional(),
  stepLosses: z.array(z.number()).exactOptional(),
  note: z.string().exactOptional(),
});

/** `TrainResult` with digests in the place of paths. */
export type TrainingAnswer = z.output<typeof resultSchema>;

export function parseTrainingAnswer(value: unknown, where: string): TrainingAnswer {
  return parseWith(resultSchema, value, where);
}

export type TrainingPool = WorkerPool<TrainingTask, TrainingAnswer, EpochReport>;

/** The queue of workers that train with an implementation. */
export function trainingQueue(implementation: string): string {
  return `train-${implementation.slice(0, 16)}`;
}

/** In errors, for files whose paths differ from machine to machine. */
export const PLACES = { initialWeights: '{initial weights}', checkpoint: '{checkpoint}' } as const;
