import { digestOf } from '../../base/digest.ts';
import { createRng } from '../../base/rng.ts';
import type { DatasetFacts } from '../../datasets/dataset.ts';
import type { Genotype } from '../../space/genotype.ts';
import type { BuildOptions } from '../../space/network.ts';
import { parseSpace, type SearchSpace } from '../../space/search-space.ts';
import { type Recipe, RMSPROP_DEFAULTS } from '../recipe.ts';
import { anchorOf } from './anchor.ts';
import type { SupernetCheckpoint } from './checkpoint.ts';
import { type SupernetLayout, supernetLayout } from './layout.ts';
import { createPathSampler } from './sampling.ts';
import { initialWeights, type SupernetWeights } from './weights.ts';

/** Raised whenever a change makes another supernet of the same task. */
const VERSION = 2;

/** What a trainer is asked for; plain data. */
export interface SupernetTask {
  /** The space's document. */
  readonly space: unknown;
  /** The size of its networks. */
  readonly build: BuildOptions;
  readonly recipe: Recipe;
  readonly seed: string;
  /** A file of the training's state; where it is there already the training goes on from it, to the same result. */
  readonly checkpoint: string;
  /** Where the weights are kept in the end. */
  readonly weightsFolder: string;
}

export interface SupernetReport {
  readonly step: number;
  readonly steps: number;
  /** The step of the checkpoint that this call began with, or 0. */
  readonly resumedFrom: number;
  /** Mean of the last few steps. */
  readonly trainLoss: number;
}

export interface SupernetResult {
  /** A safetensors file named by its SHA-256. */
  readonly weights: string;
  /** Learnt parameters that the networks share. */
  readonly params: number;
  /** Mean loss of each epoch. */
  readonly epochLosses: readonly number[];
  readonly cpuSeconds: number;
}

/** What every trainer begins with: the same weights, then the same network each step. */
export interface SupernetStart {
  readonly space: SearchSpace;
  readonly build: BuildOptions;
  readonly layout: SupernetLayout;
  readonly weights: SupernetWeights;
  readonly pathAt: (step: number) => Genotype;
  readonly checkpoint: SupernetCheckpoint;
}

/** `trainer` is what the result depends on besides the task and the dataset. */
export function startSupernet(task: SupernetTask, dataset: DatasetFacts, trainer: object): SupernetStart {
  const { build, recipe, seed } = task;
  const space = parseSpace(task.space, 'supernet');
  const layout = supernetLayout(space, build);
  const steps = Math.floor(dataset.train.count / recipe.batchSize) * recipe.epochs;
  const squares = recipe.optimizer === 'rmsprop' ? layout.floats : 0;
  return {
    ...{ space, build, layout },
    pathAt: createPathSampler(space, { steps, anchor: anchorOf(space, build), seed: `${seed}/paths` }),
    weights: {
      value: initialWeights(layout, createRng(seed).fork('weights')),
      velocity: new Float32Array(layout.floats),
      square: new Float32Array(squares).fill(RMSPROP_DEFAULTS.initialSquare),
    },
    checkpoint: {
      path: task.checkpoint,
      training: digestOf({
        ...{ version: VERSION, ...trainer, space: space.digest, dataset: dataset.digest },
        ...{ build, recipe, seed },
      }),
    },
  };
}
