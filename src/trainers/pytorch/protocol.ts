import { z } from 'zod';
import type { Graph } from '../../graph/graph.ts';
import type { Recipe } from '../recipe.ts';

/** Raised whenever a line changes its meaning; a worker of another number is not spoken to. */
export const PROTOCOL_VERSION = 2;

/** What a worker is asked to train. Paths are those of files on its machine. */
export interface TrainLine {
  readonly kind: 'train';
  readonly id: number;
  readonly graph: Graph;
  readonly recipe: Recipe;
  readonly seed: string;
  readonly dataset: string;
  /** Tensors [steps, batch] by the names of trainers/batch-plan.ts; the worker draws its own where there is none. */
  readonly batchPlan?: string;
  readonly initialWeights?: string;
  readonly checkpoint?: string;
  /** Of the training that a checkpoint belongs to. */
  readonly identity: string;
  /** Where to pause, of the recipe's epochs; at their end where left out. */
  readonly untilEpoch?: number;
  /** Where to keep the weights that were validated last. */
  readonly weightsFolder?: string;
  /** Take over the optimizer's moments from the initial weights, and leave them with those that are kept. */
  readonly carryMoments?: boolean;
  /** Keep those of the best epoch there as well. */
  readonly saveBestWeights?: boolean;
  readonly reportSteps?: number;
  /** Processes that decode images beside the training, where a dataset is a list of files. */
  readonly loaders?: number;
}

/** One epoch of a supernet. Paths are those of files on the worker's machine. */
export interface TrainSupernetLine {
  readonly kind: 'train-supernet';
  readonly id: number;
  readonly recipe: Recipe;
  readonly dataset: string;
  /** As in TrainLine, of this epoch alone. */
  readonly batchPlan: string;
  /** The networks of its steps: see trainers/supernet/path-file.ts. */
  readonly paths: string;
  /** Where the epoch begins; the one after it is put in its place. */
  readonly checkpoint: string;
}

export interface CancelLine {
  readonly kind: 'cancel';
  readonly id: number;
}

const epochSchema = z.object({
  epoch: z.int(),
  trainLoss: z.number(),
  validationAccuracy: z.number(),
});

const complaintFields = {
  found: z.string(),
  expected: z.string().optional(),
  next: z.string().optional(),
};

const helloSchema = z.object({
  kind: z.literal('hello'),
  protocol: z.int(),
  python: z.string(),
  torch: z.string(),
  /** The CUDA that torch was built with. */
  cuda: z.string().nullable(),
  /** `cpu` or `cuda:0`. */
  device: z.string(),
  deviceName: z.string(),
  /** Whether it computes in bfloat16. */
  mixedPrecision: z.boolean(),
  /** Whether torch can compile networks. */
  compiles: z.boolean(),
  /** All that torch sees, whichever of them this worker uses. */
  gpus: z.array(z.object({ index: z.int(), name: z.string(), memoryBytes: z.number() })),
});

const trainedSchema = z.object({
  kind: z.literal('trained'),
  id: z.int(),
  accuracy: z.number(),
  epochs: z.array(epochSchema),
  cpuSeconds: z.number(),
  weights: z.string().optional(),
  bestWeights: z.string().optional(),
  stepLosses: z.array(z.number()).optional(),
  note: z.string().optional(),
});

const reportSchema = epochSchema.extend({
  kind: z.literal('epoch'),
  id: z.int(),
  note: z.string().optional(),
});

/** What a worker says. */
export const lineSchema = z.discriminatedUnion('kind', [
  helloSchema,
  z.object({ kind: z.literal('unusable'), ...complaintFields }),
  /** It lives; `step` tells whether the training gets on. */
  z.object({
    kind: z.literal('heartbeat'),
    id: z.int().optional(),
    step: z.int().optional(),
    /** Mean of the last steps, where the job tells. */
    loss: z.number().optional(),
  }),
  reportSchema,
  trainedSchema,
  z.object({ kind: z.literal('refused'), id: z.int(), ...complaintFields }),
  z.object({ kind: z.literal('cancelled'), id: z.int() }),
  /** One epoch of it; `trainLoss` is the mean of its steps. */
  z.object({ kind: z.literal('supernet-trained'), id: z.int(), trainLoss: z.number() }),
]);

export type Hello = z.output<typeof helloSchema>;
export type Report = z.output<typeof reportSchema>;
type Line = z.output<typeof lineSchema>;
/** How a training ended, as its worker tells. */
export type Ending = Extract<Line, { kind: 'trained' | 'refused' | 'cancelled' }>;
/** How an epoch of a supernet ended. */
export type SupernetEnding = Extract<Line, { kind: 'supernet-trained' | 'refused' | 'cancelled' }>;
