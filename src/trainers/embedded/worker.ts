/** A training worker: one thread, one runtime, one network after the other in its memory. */
import type { Dataset } from '../../datasets/dataset.ts';
import type { EpochReport } from '../../objective/trial.ts';
import { workerTask } from '../../workers/worker-task.ts';
import { createRuntime } from './runtime.ts';
import { type TrainingTask, trainNetwork } from './training.ts';

export const run = workerTask(
  (dataset: Dataset) => ({ dataset, runtime: createRuntime() }),
  ({ dataset, runtime }, task: TrainingTask, onEpoch: (report: EpochReport) => void) =>
    trainNetwork(runtime, dataset, task, { onEpoch }),
);
