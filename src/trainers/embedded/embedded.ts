import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { digestOf } from '../../base/digest.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { EpochReport } from '../../objective/trial.ts';
import { createThreadPool } from '../../workers/threads.ts';
import { type Trainer, type TrainResult, trainerDigest } from '../trainer.ts';
import { readKernels } from './runtime.ts';
import type { TrainingTask } from './training.ts';

/** Raised whenever a change of this folder's TypeScript changes accuracies; kernels have their own digest. */
const VERSION = 2;

/** Compiled, wherever this module runs from: workers cannot run TypeScript on every Node we support. */
const WORKER_FILE = new URL('../../../dist/trainers/embedded/worker.js', import.meta.url);

export interface EmbeddedTrainerOptions {
  readonly dataset: Dataset;
  /** Networks trained at once, a thread each. */
  readonly workers: number;
  /** Where weights are kept. Default: runs/weights. */
  readonly weightsFolder?: string;
  /** Another worker than the compiled one; tests have one that dies. */
  readonly workerFile?: URL;
}

/**
 * Trains in WebAssembly SIMD on this machine's processor, one network a thread, from initial weights to
 * validation accuracy. Needs what `npm run build` makes.
 */
export function createEmbeddedTrainer({
  dataset,
  workers,
  weightsFolder = join('runs', 'weights'),
  workerFile = WORKER_FILE,
}: EmbeddedTrainerOptions): Trainer {
  const kernels = createHash('sha256').update(readKernels()).digest('hex');
  const implementation = digestOf({ trainer: 'embedded', version: VERSION, kernels });
  const pool = createThreadPool<TrainingTask, TrainResult, EpochReport>({
    name: 'embedded trainer',
    file: workerFile,
    workers,
    workerData: dataset,
  });
  return {
    name: 'embedded',
    implementation,
    digest: trainerDigest(implementation, dataset),
    parallelism: workers,
    train({ genotype: _, saveWeights = false, onEpoch: onReport, ...training }, signal) {
      const keeps = saveWeights || training.saveBestWeights === true;
      return pool.run(
        { ...training, weightsFolder: keeps ? weightsFolder : undefined },
        { signal, onReport },
      );
    },
    close: () => pool.close(),
  };
}
