import { digestOf } from '../base/digest.ts';
import type { Graph } from '../graph/graph.ts';
import type { EpochReport } from '../objective/trial.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Recipe } from './recipe.ts';

export type { Recipe } from './recipe.ts';

export interface TrainRequest {
  /** The architecture at proxy size, for trainers that train. */
  readonly graph: Graph;
  /** The same architecture as a point of its space, for trainers that look it up. */
  readonly genotype: Genotype;
  readonly recipe: Recipe;
  /** Of initial weights, order of images and augmentation. */
  readonly seed: string;
  /** A safetensors file to start from. */
  readonly initialWeights?: string;
  /**
   * A file of the training's state, written after every epoch. Where it is there already the training goes on from
   * it, to the same result; one of another training is refused.
   */
  readonly checkpoint?: string;
  /** Pause after this many of the recipe's epochs: with a checkpoint, a later request goes on from there. */
  readonly untilEpoch?: number;
  /** Keep the weights that were validated last: the result names their file. */
  readonly saveWeights?: boolean;
  /**
   * Take over what an optimizer of the same kind has left in the file of `initialWeights`, if it has, and leave it in that
   * of `saveWeights`: velocities, and RMSProp's mean squares.
   */
  readonly carryMoments?: boolean;
  /** Keep the weights of the epoch that validated best as well, the first of equals. */
  readonly saveBestWeights?: boolean;
  /** Called after each epoch of this call, in order; never after the training has ended. */
  readonly onEpoch?: (report: EpochReport) => void;
  /** Longest time the training may last once it has begun; a longer one rejects with a NasError. */
  readonly timeoutMs?: number;
  /** Report the loss of each of the first this many steps, to compare trainers. */
  readonly reportSteps?: number;
}

export interface TrainResult {
  /** On the validation images, after the last epoch, in [0, 1]. */
  readonly accuracy: number;
  readonly epochs: readonly EpochReport[];
  /** Processor time of training and validation. */
  readonly cpuSeconds: number;
  /** A safetensors file named by its SHA-256, if `saveWeights` asked for one. */
  readonly weights?: string;
  /** Such a file too, if `saveBestWeights` asked for it. */
  readonly bestWeights?: string;
  /** Training losses of the first steps, if `reportSteps` asked for some. */
  readonly stepLosses?: readonly number[];
  /** What the trainer had to do otherwise than asked, such as to halve batches that did not fit in memory. */
  readonly note?: string;
}

/**
 * Turns an architecture into an accuracy.
 * Guarantees: the same request gives the same result, bit for bit, whatever else runs; `train` may be called
 * `parallelism` times at once; a network that diverges or a worker that dies rejects with a NasError that
 * names the reason, and the trainer stays usable; an aborted signal rejects with its reason within a second.
 */
export interface Trainer {
  readonly name: string;
  /** Digest of what trains, whatever the images are. */
  readonly implementation: string;
  /** Of both, see `trainerDigest`. Part of a run's identity: two trainers with one digest give the same accuracies. */
  readonly digest: string;
  /** Trainings at once; of workers behind a queue, who come and go, it is as many as there are now. */
  readonly parallelism: number;
  train(request: TrainRequest, signal?: AbortSignal): Promise<TrainResult>;
  close(): Promise<void>;
}

/** Of a trainer on a dataset. */
export function trainerDigest(implementation: string, dataset: { readonly digest: string }): string {
  return digestOf({ implementation, dataset: dataset.digest });
}
