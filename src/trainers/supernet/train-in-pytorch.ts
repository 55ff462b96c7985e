import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { NasError } from '../../base/errors.ts';
import { createRng } from '../../base/rng.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { createBatchPlan } from '../batch-plan.ts';
import { datasetFile } from '../dataset-file.ts';
import { writeBatches } from '../pytorch/batch-plan-file.ts';
import { complaint, startTrainingWorker, type TrainingWorker } from '../pytorch/training-worker.ts';
import { workerDigest } from '../pytorch/worker-code.ts';
import { keepWeights } from '../weight-files.ts';
import { resumeSupernet, saveSupernet } from './checkpoint.ts';
import { writePaths } from './path-file.ts';
import { type SupernetReport, type SupernetResult, type SupernetTask, startSupernet } from './start.ts';
import { exportSupernet } from './weights.ts';

export interface PytorchSupernetOptions {
  /** The program, such as `python3`. */
  readonly python: string;
  /** `cpu` or `cuda:0`. */
  readonly device: string;
  /** Of the processor. Another number may give other bits. Default: 1. */
  readonly threads?: number;
  /** Where the dataset is kept for the worker to read. */
  readonly datasetsFolder: string;
}

/** A cancelled epoch ends at its next step; a worker that does not is killed after this long. */
const CANCEL_GRACE_MS = 5_000;

/**
 * Trains a supernet in a Python process of PyTorch as `trainSupernet` does here: the same initial weights, the same
 * network and the same images each step, so that losses agree up to rounding. A checkpoint follows each epoch; an aborted
 * signal rejects with its reason and leaves the last one.
 */
export async function trainSupernetInPytorch(
  dataset: Dataset,
  task: SupernetTask,
  options: PytorchSupernetOptions,
  onReport: (report: SupernetReport) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<SupernetResult> {
  const { python, device, threads = 1 } = options;
  const { recipe, seed } = task;
  const worker = await startTrainingWorker({ python, device, threads, signal });
  const folder = await mkdtemp(join(tmpdir(), 'nas-supernet-'));
  try {
    const { torch, mixedPrecision } = worker.hello;
    const start = startSupernet(task, dataset, {
      ...{ trainer: 'pytorch', code: workerDigest(), torch, mixedPrecision },
      ...{ device: device.replace(/:.*/, ''), threads: device === 'cpu' ? threads : undefined },
    });
    const { layout, weights, checkpoint } = start;
    let progress = resumeSupernet(checkpoint, weights);
    if (!existsSync(checkpoint.path)) saveSupernet(checkpoint, weights, progress);
    const plan = createBatchPlan(recipe, dataset.train, createRng(seed));
    const { stepsPerEpoch } = plan;
    const steps = stepsPerEpoch * recipe.epochs;
    const resumedFrom = progress.step;
    const paths = join(folder, 'paths');
    const batchPlan = join(folder, 'batches');
    const line = {
      ...{ recipe, paths, batchPlan, checkpoint: resolve(checkpoint.path) },
      dataset: await datasetFile(dataset, resolve(options.datasetsFolder)),
    };
    for (let epoch = 0; epoch < recipe.epochs; epoch++) {
      const batches = [...plan.nextEpoch()];
      // Takes what the epochs before have drawn.
      if (epoch < progress.epochLosses.length) continue;
      await writePaths(paths, start, progress.step, stepsPerEpoch);
      await writeBatches(batchPlan, batches, recipe.batchSize);
      await trainEpoch(worker, line, signal, (step, trainLoss) =>
        onReport({ step, steps, resumedFrom, trainLoss }),
      );
      progress = resumeSupernet(checkpoint, weights);
      const trainLoss = progress.epochLosses.at(-1) ?? Number.NaN;
      onReport({ step: progress.step, steps, resumedFrom, trainLoss });
    }
    return {
      weights: keepWeights(task.weightsFolder, exportSupernet(layout, weights.value)),
      params: layout.floats,
      epochLosses: progress.epochLosses,
      cpuSeconds: progress.cpuSeconds,
    };
  } finally {
    await worker.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function trainEpoch(
  worker: TrainingWorker,
  line: Parameters<TrainingWorker['trainSupernet']>[0],
  signal: AbortSignal,
  onStep: (step: number, loss: number) => void,
): Promise<void> {
  signal.throwIfAborted();
  let grace: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    worker.cancel();
    grace = setTimeout(() => void worker.kill(), CANCEL_GRACE_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const ending = await worker.trainSupernet(line, onStep);
    signal.throwIfAborted();
    if (ending.kind === 'refused') throw complaint(ending);
    if (ending.kind === 'cancelled') throw new NasError('supernet', { found: 'the training was cancelled' });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    clearTimeout(grace);
  }
}
