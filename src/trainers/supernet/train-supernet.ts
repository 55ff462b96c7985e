import type { Dataset } from '../../datasets/dataset.ts';
import { createThreadPool } from '../../workers/threads.ts';
import type { SupernetReport, SupernetResult, SupernetTask } from './start.ts';

/** Compiled, wherever this module runs from. */
const WORKER_FILE = new URL('../../../dist/trainers/supernet/training-worker.js', import.meta.url);

/** Trains a supernet in a thread of its own; an aborted signal ends it within a second, its checkpoint stays. */
export async function trainSupernetInWorker(
  dataset: Dataset,
  task: SupernetTask,
  onReport: (report: SupernetReport) => void,
  signal?: AbortSignal,
): Promise<SupernetResult> {
  const pool = createThreadPool<SupernetTask, SupernetResult, SupernetReport>({
    name: 'supernet',
    file: WORKER_FILE,
    workers: 1,
    workerData: dataset,
  });
  try {
    return await pool.run(task, { signal, onReport });
  } finally {
    await pool.close();
  }
}
