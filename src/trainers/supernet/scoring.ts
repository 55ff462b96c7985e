import { type Clock, systemClock } from '../../base/clock.ts';
import { NasError } from '../../base/errors.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { SearchSpace } from '../../space/search-space.ts';
import type { PlannedBatch } from '../batch-plan.ts';
import { checkRequest } from '../check-request.ts';
import { type BatchLoader, batchesInOrder, createBatchLoader } from '../embedded/batches.ts';
import { softmaxCrossEntropy } from '../embedded/loss.ts';
import { createNetwork, type Network } from '../embedded/network.ts';
import type { Runtime } from '../embedded/runtime.ts';
import { threadCpuSeconds } from '../embedded/thread-cpu-time.ts';
import { exportWeights } from '../embedded/weights.ts';
import type { TrainRequest, TrainResult } from '../trainer.ts';
import { keepWeights } from '../weight-files.ts';
import type { SupernetLayout } from './layout.ts';
import { inherit } from './weights.ts';

const WHERE = 'supernet trainer';

/** Images in memory at once. */
const BATCH = 64;

/** Training images that statistics are computed anew over: 20 batches, as in BigNAS (arXiv:2003.11142). */
export const RECALIBRATION_IMAGES = 1280;

/** A supernet in memory. */
export interface Supernet {
  readonly space: SearchSpace;
  readonly layout: SupernetLayout;
  readonly values: Float32Array;
}

/** What a worker is sent to do; plain data. */
export interface ScoringTask extends Pick<TrainRequest, 'graph' | 'genotype' | 'recipe' | 'timeoutMs'> {
  /** Where to keep the network's own weights, if they are to be kept. */
  readonly weightsFolder?: string | undefined;
}

/**
 * The accuracy of a network with the weights that it inherits: none is trained, the statistics of batch-norm are
 * computed anew over training images, for those of a slice are not those of the whole.
 */
export function scoreNetwork(
  runtime: Runtime,
  dataset: Dataset,
  { space, layout, values }: Supernet,
  { graph, genotype, recipe, timeoutMs, weightsFolder }: ScoringTask,
  clock: Clock = systemClock,
): TrainResult {
  const startSeconds = threadCpuSeconds();
  const checkTime = deadline(timeoutMs, clock);
  const { train, validation } = dataset;
  const batchSize = Math.min(BATCH, train.count);
  checkRequest({ graph, recipe: { ...recipe, batchSize } }, dataset, WHERE);
  const network = createNetwork(runtime, graph, { batchSize, rng: undefined });
  const { parameters, output } = network;
  inherit(runtime, layout, space.decode(genotype), graph, parameters).take('value', values);
  const loader = createBatchLoader(runtime, dataset, network.input);
  recalibrate(network, loader, batchSize, Math.min(RECALIBRATION_IMAGES, train.count), checkTime);
  const logits = runtime.floats(output.value, output.floats);
  let correct = 0;
  for (const indices of batchesInOrder(validation.count, batchSize)) {
    checkTime();
    const labels = loader.load(indices);
    network.forward({ training: false, statisticsMomentum: 0 });
    correct += softmaxCrossEntropy(logits, output, labels, 0).correct;
  }
  const kept =
    weightsFolder === undefined
      ? {}
      : { weights: keepWeights(weightsFolder, exportWeights(runtime, parameters)) };
  const accuracy = correct / validation.count;
  return { accuracy, epochs: [], cpuSeconds: threadCpuSeconds() - startSeconds, ...kept };
}

/** Running statistics become the means of those of whole batches of the first training images, as they are. */
function recalibrate(
  network: Network,
  loader: BatchLoader,
  batchSize: number,
  images: number,
  checkTime: () => void,
): void {
  const batches = Math.floor(images / batchSize);
  for (let batch = 0; batch < batches; batch++) {
    checkTime();
    loader.loadVaried(unvaried(batch * batchSize, batchSize), 0);
    network.forward({ training: true, statisticsMomentum: 1 / (batch + 1) });
  }
}

function unvaried(first: number, length: number): PlannedBatch {
  return {
    indices: Int32Array.from({ length }, (_, index) => first + index),
    flips: new Uint8Array(length),
    shiftsY: new Int8Array(length),
    shiftsX: new Int8Array(length),
    cutoutsY: new Int16Array(length),
    cutoutsX: new Int16Array(length),
  };
}

/** Throws once the time is over. */
function deadline(timeoutMs: number | undefined, clock: Clock): () => void {
  const endMs = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() + timeoutMs;
  return () => {
    if (clock.monotonicMs() < endMs) return;
    throw new NasError(WHERE, {
      found: `a network was not scored after ${timeoutMs} ms`,
      expected: 'its end by then',
      next: 'allow it more time',
    });
  };
}
