/** A training worker: one thread, one runtime, one network after the other in its memory. */
import type { MessagePort } from 'node:worker_threads';
import type { Dataset } from '../../datasets/dataset.ts';
import { workerTask } from '../../workers/worker-task.ts';
import { createRuntime } from './runtime.ts';
import { type TrainingTask, trainNetwork } from './training.ts';

/** A training, and where to send the report of each epoch. */
export interface WorkerTask extends TrainingTask {
  readonly port?: MessagePort;
}

export const run = workerTask(
  (dataset: Dataset) => ({ dataset, runtime: createRuntime() }),
  ({ dataset, runtime }, { port, ...task }: WorkerTask) =>
    trainNetwork(runtime, dataset, task, port && { onEpoch: (report) => port.postMessage(report) }),
);
