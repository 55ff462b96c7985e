import { MessageChannel } from 'node:worker_threads';
import type { Dataset } from '../../datasets/dataset.ts';
import { createWorkerPool } from '../../workers/pool.ts';
import type { SupernetReport, SupernetResult, SupernetTask } from './start.ts';
import type { SupernetWorkerTask } from './training-worker.ts';

/** Compiled, wherever this module runs from. */
const WORKER_FILE = new URL('../../../dist/trainers/supernet/training-worker.js', import.meta.url);

/** Trains a supernet in a thread of its own; an aborted signal ends it within a second, its checkpoint stays. */
export async function trainSupernetInWorker(
  dataset: Dataset,
  task: SupernetTask,
  onReport: (report: SupernetReport) => void,
  signal?: AbortSignal,
): Promise<SupernetResult> {
  const pool = createWorkerPool<SupernetWorkerTask, SupernetResult>({
    name: 'supernet',
    file: WORKER_FILE,
    workers: 1,
    workerData: dataset,
  });
  const { port1: reports, port2: port } = new MessageChannel();
  reports.on('message', onReport);
  try {
    return await pool.run({ ...task, port }, signal, [port]);
  } finally {
    reports.close();
    await pool.close();
  }
}
