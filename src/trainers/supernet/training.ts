import { digestOf } from '../../base/digest.ts';
import { NasError } from '../../base/errors.ts';
import { createRng } from '../../base/rng.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { type BuildOptions, buildGraph } from '../../space/network.ts';
import { parseSpace } from '../../space/search-space.ts';
import { createBatchPlan } from '../batch-plan.ts';
import { createBatchLoader } from '../embedded/batches.ts';
import { softmaxCrossEntropy } from '../embedded/loss.ts';
import { createNetwork } from '../embedded/network.ts';
import type { Runtime } from '../embedded/runtime.ts';
import { threadCpuSeconds } from '../embedded/thread-cpu-time.ts';
import { type Recipe, RMSPROP_DEFAULTS } from '../recipe.ts';
import { learningRateAt } from '../schedule.ts';
import { keepWeights } from '../weight-files.ts';
import { resumeSupernet, type SupernetProgress, saveSupernet } from './checkpoint.ts';
import { supernetLayout } from './layout.ts';
import { createPathSampler } from './sampling.ts';
import { exportSupernet, inherit, initialWeights } from './weights.ts';

const WHERE = 'supernet';

/** Raised whenever a change makes another supernet of the same task. */
const VERSION = 1;

/** As of networks on their own: spikes come back, a thousand does not. */
const DIVERGED_LOSS = 1000;
const MOST_STEPS_LOST = 100;

/** A few seconds of work on the default space. */
const CHECKPOINT_STEPS = 200;
const REPORT_STEPS = 20;

/** What a worker is sent to do; plain data. */
export interface SupernetTask {
  /** The space's document. */
  readonly space: unknown;
  /** The size of its networks. */
  readonly build: BuildOptions;
  readonly recipe: Recipe;
  readonly seed: string;
  /** A file of the training's state; where it is there already the training goes on from it, to the same result. */
  readonly checkpoint: string;
  /** Where the weights are kept in the end. */
  readonly weightsFolder: string;
}

export interface SupernetReport {
  readonly step: number;
  readonly steps: number;
  /** The step of the checkpoint that this call began with, or 0. */
  readonly resumedFrom: number;
  /** Mean of the last few steps. */
  readonly trainLoss: number;
}

export interface SupernetResult {
  /** A safetensors file named by its SHA-256. */
  readonly weights: string;
  /** Learnt parameters that the networks share. */
  readonly params: number;
  /** Mean loss of each epoch. */
  readonly epochLosses: readonly number[];
  readonly cpuSeconds: number;
}

/**
 * Trains one supernet: each step draws a network of the space, takes its slice of the weights and of the optimiser's
 * state, trains that on one batch and puts it back (single path, Guo et al. 2020, arXiv:1904.00420, section 3). The
 * result depends on space, dataset, recipe and seed alone, bit for bit, whether it was trained at one go or from
 * checkpoint to checkpoint. Moving averages, if the recipe has them, are left out. Throws a NasError if it diverges.
 */
export function trainSupernet(
  runtime: Runtime,
  dataset: Dataset,
  task: SupernetTask,
  onReport?: (report: SupernetReport) => void,
): SupernetResult {
  const { build, recipe, seed } = task;
  const startSeconds = threadCpuSeconds();
  const space = parseSpace(task.space, WHERE);
  const layout = supernetLayout(space, build);
  const squares = recipe.optimizer === 'rmsprop';
  const rng = createRng(seed);
  const plan = createBatchPlan(recipe, dataset.train, rng);
  const pathAt = createPathSampler(space, `${seed}/paths`);
  const weights = {
    value: initialWeights(layout, rng.fork('weights')),
    velocity: new Float32Array(layout.floats),
    square: new Float32Array(squares ? layout.floats : 0).fill(RMSPROP_DEFAULTS.initialSquare),
  };
  const checkpoint = { path: task.checkpoint, training: identityOf(task, space.digest, dataset) };
  const begun = resumeSupernet(checkpoint, weights);
  const epochLosses = [...begun.epochLosses];
  let { step: done, lossSum, stepsLost } = begun;
  const cpuSeconds = () => begun.cpuSeconds + threadCpuSeconds() - startSeconds;

  const { stepsPerEpoch } = plan;
  const steps = stepsPerEpoch * recipe.epochs;
  const length = { steps, stepsPerEpoch };
  let recentLoss = 0;
  for (let step = 0, epoch = 1; epoch <= recipe.epochs; epoch++) {
    for (const batch of plan.nextEpoch()) {
      // Takes what the steps before have drawn.
      if (step++ < done) continue;
      const architecture = space.decode(pathAt(done));
      const graph = buildGraph(architecture, build);
      const network = createNetwork(runtime, graph, { batchSize: recipe.batchSize, rng: undefined, squares });
      const loader = createBatchLoader(runtime, dataset, network.input);
      const inherited = inherit(runtime, layout, architecture, graph, network.parameters);
      inherited.take('value', weights.value);
      inherited.take('velocity', weights.velocity);
      if (squares) inherited.take('square', weights.square);

      const labels = loader.loadVaried(batch, recipe.cutoutPixels ?? 0);
      network.forward({ training: true, statisticsMomentum: 1 });
      const { output } = network;
      const logits = runtime.floats(output.value, output.floats);
      const gradient = runtime.floats(network.outputGradient, output.floats);
      const { loss } = softmaxCrossEntropy(logits, output, labels, recipe.labelSmoothing, gradient);
      if (!(loss <= DIVERGED_LOSS)) throw diverged(`its loss is ${loss.toPrecision(3)}`, done, recipe);
      network.backward();
      const norm = network.update({ ...recipe, learningRate: learningRateAt(done, length, recipe) });
      stepsLost = norm === undefined || Number.isFinite(norm) ? 0 : stepsLost + 1;
      if (stepsLost === MOST_STEPS_LOST) throw diverged('its gradients leave float32', done, recipe);

      inherited.giveBack('value', weights.value);
      inherited.giveBack('velocity', weights.velocity);
      if (squares) inherited.giveBack('square', weights.square);
      done += 1;
      lossSum += loss;
      recentLoss += loss;
      if (done % stepsPerEpoch === 0) {
        epochLosses.push(lossSum / stepsPerEpoch);
        lossSum = 0;
      }
      if (done % CHECKPOINT_STEPS === 0 || done === steps) {
        const progress: SupernetProgress = {
          ...{ step: done, lossSum, epochLosses, stepsLost },
          cpuSeconds: cpuSeconds(),
        };
        saveSupernet(checkpoint, weights, progress);
      }
      if (done % REPORT_STEPS === 0 || done === steps) {
        const trainLoss = recentLoss / (done % REPORT_STEPS || REPORT_STEPS);
        onReport?.({ step: done, steps, resumedFrom: begun.step, trainLoss });
        recentLoss = 0;
      }
    }
  }
  return {
    weights: keepWeights(task.weightsFolder, exportSupernet(layout, weights.value)),
    params: layout.floats,
    epochLosses,
    cpuSeconds: cpuSeconds(),
  };
}

/** Of all that the supernet depends on. */
function identityOf({ build, recipe, seed }: SupernetTask, spaceDigest: string, dataset: Dataset): string {
  return digestOf({
    ...{ trainer: WHERE, version: VERSION, space: spaceDigest, dataset: dataset.digest },
    ...{ build, recipe, seed },
  });
}

function diverged(found: string, step: number, { peakLearningRate }: Recipe): NasError {
  return new NasError(WHERE, {
    found: `it diverged: ${found} at step ${step + 1}`,
    expected: `a loss of at most ${DIVERGED_LOSS}`,
    next: `lower the recipe's peakLearningRate, now ${peakLearningRate}`,
  });
}
