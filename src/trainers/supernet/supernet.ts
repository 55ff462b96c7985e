import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { digestOf } from '../../base/digest.ts';
import { NasError } from '../../base/errors.ts';
import { createThreadPool } from '../../workers/threads.ts';
import { readKernels } from '../embedded/runtime.ts';
import { type Trainer, type TrainResult, trainerDigest } from '../trainer.ts';
import { digestOfFile } from '../weight-files.ts';
import { SCORING, type ScoringTask } from './scoring.ts';
import type { ScoringWorkerData } from './scoring-worker.ts';

/** Raised whenever a change of this folder changes the accuracies of the same supernet. */
const VERSION = 2;

/** Compiled, wherever this module runs from. */
const WORKER_FILE = new URL('../../../dist/trainers/supernet/scoring-worker.js', import.meta.url);

export interface SupernetTrainerOptions extends ScoringWorkerData {
  /** Networks scored at once, a thread each. */
  readonly workers: number;
  /** Where weights are kept. Default: runs/weights. */
  readonly weightsFolder?: string;
}

/**
 * Gives networks of a space the weights of its supernet instead of training them for long: an accuracy in about a second
 * that ranks networks, and says little of what they would reach on their own. The number of epochs, the seed and what a
 * training would report do not matter; a request to begin from other weights is refused.
 */
export function createSupernetTrainer({
  workers,
  weightsFolder = join('runs', 'weights'),
  ...supernet
}: SupernetTrainerOptions): Trainer {
  const pool = createThreadPool<ScoringTask, TrainResult>({
    name: 'supernet trainer',
    file: WORKER_FILE,
    workers,
    workerData: supernet satisfies ScoringWorkerData,
  });
  const implementation = digestOf({
    ...{ trainer: 'supernet', version: VERSION, ...SCORING },
    kernels: createHash('sha256').update(readKernels()).digest('hex'),
    build: supernet.build,
    weights: digestOfFile(supernet.weights),
  });
  return {
    name: 'supernet',
    implementation,
    digest: trainerDigest(implementation, supernet.dataset),
    parallelism: workers,
    async train({ graph, genotype, recipe, timeoutMs, initialWeights, saveWeights = false }, signal) {
      if (initialWeights !== undefined) {
        throw new NasError('supernet trainer', {
          found: `weights to begin from (${initialWeights})`,
          expected: 'none: a network has those of the supernet',
        });
      }
      return pool.run(
        {
          ...{ graph, genotype, recipe, tuningSteps: SCORING.tuningSteps },
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          weightsFolder: saveWeights ? weightsFolder : undefined,
        },
        { signal },
      );
    },
    close: () => pool.close(),
  };
}
