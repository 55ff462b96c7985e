import { type Clock, systemClock } from '../../base/clock.ts';
import { NasError } from '../../base/errors.ts';
import { createRng } from '../../base/rng.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { SearchSpace } from '../../space/search-space.ts';
import { createBatchPlan, type PlannedBatch } from '../batch-plan.ts';
import { checkRequest } from '../check-request.ts';
import { type BatchLoader, batchesInOrder, createBatchLoader } from '../embedded/batches.ts';
import { softmaxCrossEntropy } from '../embedded/loss.ts';
import { createNetwork, type Network } from '../embedded/network.ts';
import type { Runtime } from '../embedded/runtime.ts';
import { threadCpuSeconds } from '../embedded/thread-cpu-time.ts';
import { exportWeights } from '../embedded/weights.ts';
import type { Recipe, TrainRequest, TrainResult } from '../trainer.ts';
import { keepWeights } from '../weight-files.ts';
import { clipAll } from './adaptive-clipping.ts';
import { labelProbability } from './label-probability.ts';
import type { SupernetLayout } from './layout.ts';
import { supernetRecipe } from './recipe.ts';
import { inherit } from './weights.ts';

const WHERE = 'supernet trainer';

/** What a score is made of; a change of it makes other accuracies of the same supernet. */
export const SCORING = {
  /** Batches that the inherited weights are trained on before they are judged. */
  tuningSteps: 50,
  /** Training images that statistics of batch-norm are computed anew over. */
  recalibrationImages: 640,
  /** Of the validation images, the first. */
  validationImages: 3000,
} as const;

/** A supernet in memory. */
export interface Supernet {
  readonly space: SearchSpace;
  readonly layout: SupernetLayout;
  readonly values: Float32Array;
}

/** What a worker is sent to do; plain data. */
export interface ScoringTask extends Pick<TrainRequest, 'graph' | 'genotype' | 'recipe' | 'timeoutMs'> {
  /** Batches to train on first; none leaves the weights as they were inherited. */
  readonly tuningSteps: number;
  /** Where to keep the network's own weights, if they are to be kept. */
  readonly weightsFolder?: string | undefined;
}

/**
 * How good a network is with the weights that it inherits, as the mean probability of the right class. They are trained on
 * a few batches, so that layers which have had to suit all networks suit one another; then the statistics of batch-norm are
 * computed anew, for those of a slice are not those of the whole.
 */
export function scoreNetwork(
  runtime: Runtime,
  dataset: Dataset,
  { space, layout, values }: Supernet,
  { graph, genotype, recipe, timeoutMs, tuningSteps, weightsFolder }: ScoringTask,
  clock: Clock = systemClock,
): TrainResult {
  const startSeconds = threadCpuSeconds();
  const checkTime = deadline(timeoutMs, clock);
  const { train, validation } = dataset;
  const batchSize = Math.min(recipe.batchSize, train.count);
  checkRequest({ graph, recipe: { ...recipe, batchSize } }, dataset, WHERE);
  const squares = recipe.optimizer === 'rmsprop';
  const network = createNetwork(runtime, graph, { batchSize, rng: undefined, squares });
  const { parameters, output } = network;
  inherit(runtime, layout, space.decode(genotype), graph, parameters).take('value', values);
  const loader = createBatchLoader(runtime, dataset, network.input);
  const tuning = { ...supernetRecipe(recipe), batchSize };
  tune(runtime, network, loader, dataset, tuning, tuningSteps, checkTime);
  const images = Math.min(SCORING.recalibrationImages, train.count);
  recalibrate(network, loader, batchSize, images, checkTime);
  const logits = runtime.floats(output.value, output.floats);
  const judged = Math.min(SCORING.validationImages, validation.count);
  let probability = 0;
  for (const indices of batchesInOrder(judged, batchSize)) {
    checkTime();
    const labels = loader.load(indices);
    network.forward({ training: false, statisticsMomentum: 0 });
    probability += labelProbability(logits, output, labels);
  }
  const kept =
    weightsFolder === undefined
      ? {}
      : { weights: keepWeights(weightsFolder, exportWeights(runtime, parameters)) };
  return {
    accuracy: probability / judged,
    epochs: [],
    cpuSeconds: threadCpuSeconds() - startSeconds,
    ...kept,
  };
}

/** Trains on the same few batches whatever the network, at a rate that falls to 0. */
function tune(
  runtime: Runtime,
  network: Network,
  loader: BatchLoader,
  { train }: Dataset,
  recipe: Recipe,
  steps: number,
  checkTime: () => void,
): void {
  const { output } = network;
  const logits = runtime.floats(output.value, output.floats);
  const gradient = runtime.floats(network.outputGradient, output.floats);
  const plan = createBatchPlan(recipe, train, createRng('tuning'));
  let step = 0;
  while (step < steps) {
    for (const batch of plan.nextEpoch()) {
      if (step === steps) return;
      checkTime();
      const labels = loader.loadVaried(batch, recipe.cutoutPixels ?? 0);
      network.forward({ training: true, statisticsMomentum: 1 });
      softmaxCrossEntropy(logits, output, labels, recipe.labelSmoothing, gradient);
      network.backward();
      clipAll(runtime, network.parameters);
      network.update({ ...recipe, learningRate: recipe.peakLearningRate * (1 - step / steps) });
      step += 1;
    }
  }
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
