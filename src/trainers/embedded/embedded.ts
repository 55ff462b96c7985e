import { createHash } from 'node:crypto';
import { digestOf } from '../../base/digest.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { createWorkerPool } from '../../workers/pool.ts';
import type { Trainer, TrainResult } from '../trainer.ts';
import { readKernels } from './runtime.ts';
import type { TrainingTask } from './training.ts';

/** Raised whenever a change of this folder's TypeScript changes accuracies; kernels have their own digest. */
const VERSION = 1;

/** Compiled, wherever this module runs from: workers cannot run TypeScript on every Node we support. */
const WORKER_FILE = new URL('../../../dist/trainers/embedded/worker.js', import.meta.url);

export interface EmbeddedTrainerOptions {
  readonly dataset: Dataset;
  /** Networks trained at once, a thread each. */
  readonly workers: number;
}

/**
 * Trains in WebAssembly SIMD on this machine's processor, one network a thread, from initial weights to
 * validation accuracy. Needs what `npm run build` makes.
 */
export function createEmbeddedTrainer({ dataset, workers }: EmbeddedTrainerOptions): Trainer {
  const kernels = createHash('sha256').update(readKernels()).digest('hex');
  const pool = createWorkerPool<TrainingTask, TrainResult>({
    name: 'embedded trainer',
    file: WORKER_FILE,
    workers,
    workerData: dataset,
  });
  return {
    name: 'embedded',
    digest: digestOf({ trainer: 'embedded', version: VERSION, kernels, dataset: dataset.digest }),
    parallelism: workers,
    train: ({ graph, recipe, seed }, signal) => pool.run({ graph, recipe, seed }, signal),
    close: () => pool.close(),
  };
}
