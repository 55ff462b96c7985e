/** The thread that trains a supernet. */
import type { Dataset } from '../../datasets/dataset.ts';
import { workerTask } from '../../workers/worker-task.ts';
import { createRuntime } from '../embedded/runtime.ts';
import type { SupernetReport, SupernetTask } from './start.ts';
import { trainSupernet } from './training.ts';

export const run = workerTask(
  (dataset: Dataset) => ({ dataset, runtime: createRuntime() }),
  ({ dataset, runtime }, task: SupernetTask, report: (report: SupernetReport) => void) =>
    trainSupernet(runtime, dataset, task, report),
);
