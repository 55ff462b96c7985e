import type { Hello } from './protocol.ts';

/** Holds a small network, its batches, the dataset and the process's own context with room to spare. */
const BYTES_EACH = 16 * 2 ** 30;
/** Beyond that the processes wait for each other more than for the GPU. */
const MOST = 4;

/**
 * Networks to train at once on each GPU where nobody says. A rule of thumb: the networks of a search are small, one
 * alone leaves most of a large GPU idle, and each process needs a core to keep its kernels coming.
 */
export function workersPerGpu(gpus: readonly Pick<Hello, 'device' | 'gpus'>[], cores: number): number {
  const smallestBytes = Math.min(
    ...gpus.map(({ device, gpus: all }) => {
      const own = all.find(({ index }) => device === `cuda:${index}`);
      return own?.memoryBytes ?? 0;
    }),
  );
  const fit = Math.min(MOST, Math.floor(smallestBytes / BYTES_EACH), Math.floor(cores / gpus.length));
  return Math.max(1, fit);
}
