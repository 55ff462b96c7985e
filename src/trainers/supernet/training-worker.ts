/** The thread that trains a supernet. */
import type { MessagePort } from 'node:worker_threads';
import type { Dataset } from '../../datasets/dataset.ts';
import { workerTask } from '../../workers/worker-task.ts';
import { createRuntime } from '../embedded/runtime.ts';
import type { SupernetTask } from './start.ts';
import { trainSupernet } from './training.ts';

/** A supernet to train, and where to report. */
export interface SupernetWorkerTask extends SupernetTask {
  readonly port: MessagePort;
}

export const run = workerTask(
  (dataset: Dataset) => ({ dataset, runtime: createRuntime() }),
  ({ dataset, runtime }, { port, ...task }: SupernetWorkerTask) =>
    trainSupernet(runtime, dataset, task, (report) => port.postMessage(report)),
);
