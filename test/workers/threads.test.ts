import { createThreadPool } from '../../src/workers/threads.ts';
import { type ArithmeticTask, poolContract } from './contract.ts';

const FILE = new URL('./arithmetic-worker.mjs', import.meta.url);

poolContract('threads', async (workers) =>
  createThreadPool<ArithmeticTask, number, number>({
    name: 'arithmetic',
    file: FILE,
    workers,
    workerData: 40,
  }),
);
