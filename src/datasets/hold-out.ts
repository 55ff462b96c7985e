import { createHash } from 'node:crypto';
import { NasError } from '../base/errors.ts';
import { channelStatistics } from './channel-statistics.ts';
import type { Dataset, DatasetRequest, ImageSet } from './dataset.ts';
import type { ImagePool, Watch } from './image-pool.ts';
import { stratifiedOrder } from './stratified-order.ts';

/**
 * The dataset that a request asks for: validation images first, then training images, cut from one
 * stratified order drawn by the request's rng. So they are disjoint, and with the same seed and as many
 * validation images, a larger training set contains a smaller one.
 */
export async function holdOut(name: string, pool: ImagePool, request: DatasetRequest): Promise<Dataset> {
  const { resolution, signal } = request;
  const chosen = splitOf(name, pool, request);
  const total = chosen.train.length + chosen.validation.length;

  const choose = async (indices: Uint32Array, start: number): Promise<ImageSet> => {
    const watch: Watch = {
      report: (step, fraction) => request.onProgress?.(step, (start + fraction * indices.length) / total),
      signal,
    };
    const labels = new Uint16Array(new SharedArrayBuffer(2 * indices.length));
    labels.set(Array.from(indices, (index) => pool.labels[index] ?? 0));
    return {
      count: indices.length,
      height: resolution,
      width: resolution,
      channels: pool.channels,
      pixels: await pool.read(indices, resolution, watch),
      labels,
    };
  };
  const validation = await choose(chosen.validation, 0);
  const train = await choose(chosen.train, chosen.validation.length);
  return {
    name,
    digest: digestOf(pool.classes, train, validation),
    classes: pool.classes,
    train,
    validation,
    ...channelStatistics(train),
  };
}

/** Which images of a pool a request gets. */
export function splitOf(
  name: string,
  { labels, classes }: Pick<ImagePool, 'labels' | 'classes'>,
  request: DatasetRequest,
): { readonly train: Uint32Array; readonly validation: Uint32Array } {
  const available = labels.length;
  const { resolution } = request;
  const validationImages =
    request.validationImages === 'tenth' ? Math.ceil(available / 10) : request.validationImages;
  const trainImages =
    request.trainImages === 'rest' ? Math.max(1, available - validationImages) : request.trainImages;
  checkCounts(name, available, { resolution, trainImages, validationImages });
  const order = stratifiedOrder(labels, classes.length, request.rng);
  const end = validationImages + trainImages;
  return { validation: order.subarray(0, validationImages), train: order.subarray(validationImages, end) };
}

interface Counts {
  readonly resolution: number;
  readonly trainImages: number;
  readonly validationImages: number;
}

function checkCounts(name: string, available: number, request: Counts): void {
  for (const count of ['resolution', 'trainImages', 'validationImages'] as const) {
    if (Number.isInteger(request[count]) && request[count] > 0) continue;
    throw new NasError(name, {
      found: `${count} is ${request[count]}`,
      expected: 'a whole number greater than 0',
    });
  }
  const { trainImages, validationImages } = request;
  if (trainImages + validationImages > available) {
    throw new NasError(name, {
      found: `${trainImages} training and ${validationImages} validation images were asked for`,
      expected: `at most ${available} together, which is how many training images there are`,
      next: `ask for fewer, such as ${Math.max(1, available - validationImages)} training images`,
    });
  }
}

/** Of what a trainer sees; the name is left out, since the same images may lie in another folder. */
function digestOf(classes: readonly string[], ...sets: readonly ImageSet[]): string {
  const hash = createHash('sha256').update(JSON.stringify(classes));
  for (const { count, height, width, channels, pixels, labels } of sets) {
    hash
      .update(JSON.stringify([count, height, width, channels]))
      .update(pixels)
      .update(labels);
  }
  return hash.digest('hex');
}
