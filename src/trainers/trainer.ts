import type { Graph } from '../graph/graph.ts';
import type { EpochReport } from '../objective/trial.ts';
import type { Genotype } from '../space/genotype.ts';

/** How a network is trained: the same file for every trainer. */
export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  /** Learning rate at the end of the warm-up; it then falls to 0 along half a cosine. */
  readonly peakLearningRate: number;
  /** The part of all steps over which the rate rises linearly. */
  readonly warmupFraction: number;
  /** Nesterov momentum of SGD. */
  readonly momentum: number;
  /** On weights of convolutions and linear layers only; not on biases and batch-norm. */
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  /** Largest norm of all gradients together; larger ones are scaled down to it. No limit where left out. */
  readonly gradientClip?: number | undefined;
  /** Mirror training images left to right with probability ½. */
  readonly flip: boolean;
  /** Training images are shifted by up to this many pixels in each direction. */
  readonly shiftPixels: number;
}

export interface TrainRequest {
  /** The architecture at proxy size, for trainers that train. */
  readonly graph: Graph;
  /** The same architecture as a point of its space, for trainers that look it up. */
  readonly genotype: Genotype;
  readonly recipe: Recipe;
  /** Of initial weights, order of images and augmentation. */
  readonly seed: string;
}

export interface TrainResult {
  /** On the validation images, after the last epoch, in [0, 1]. */
  readonly accuracy: number;
  readonly epochs: readonly EpochReport[];
  /** Processor time of training and validation. */
  readonly cpuSeconds: number;
}

/**
 * Turns an architecture into an accuracy.
 * Guarantees: the same request gives the same result, bit for bit, whatever else runs; `train` may be called
 * `parallelism` times at once; a network that diverges or a worker that dies rejects with a NasError that
 * names the reason, and the trainer stays usable; an aborted signal rejects with its reason within a second.
 */
export interface Trainer {
  readonly name: string;
  /** Part of a run's identity: two trainers with one digest give the same accuracies. */
  readonly digest: string;
  readonly parallelism: number;
  train(request: TrainRequest, signal?: AbortSignal): Promise<TrainResult>;
  close(): Promise<void>;
}
