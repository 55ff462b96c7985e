import { expect, test } from 'vitest';
import { workersPerGpu } from '../../../src/trainers/pytorch/workers-per-gpu.ts';

const GIB = 2 ** 30;

/** What workers on these GPUs say, of which the machine has one more. */
function hellos(...memories: readonly number[]) {
  const gpus = [12 * GIB, ...memories].map((memoryBytes, index) => ({ index, name: 'GPU', memoryBytes }));
  return memories.map((_, i) => ({ device: `cuda:${i + 1}`, gpus }));
}

test.each([
  ['one on a small GPU', hellos(8 * GIB), 16, 1],
  ['two on one of 40 GiB', hellos(40 * GIB), 16, 2],
  ['no more than four', hellos(141 * GIB), 16, 4],
  ['as the smallest of several allows', hellos(80 * GIB, 24 * GIB), 16, 1],
  ['a core for each', hellos(80 * GIB, 80 * GIB), 4, 2],
  ['one where cores are fewer than GPUs', hellos(80 * GIB, 80 * GIB), 1, 1],
])('%s', (_, gpus, cores, expected) => {
  expect(workersPerGpu(gpus, cores)).toBe(expected);
});
