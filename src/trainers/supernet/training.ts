import { NasError } from '../../base/errors.ts';
import { createRng } from '../../base/rng.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { buildGraph } from '../../space/network.ts';
import { createBatchPlan } from '../batch-plan.ts';
import { createBatchLoader } from '../embedded/batches.ts';
import { softmaxCrossEntropy } from '../embedded/loss.ts';
import { createNetwork } from '../embedded/network.ts';
import type { Runtime } from '../embedded/runtime.ts';
import { threadCpuSeconds } from '../embedded/thread-cpu-time.ts';
import { DIVERGED_LOSS, MOST_STEPS_LOST } from '../embedded/training.ts';
import type { Recipe } from '../recipe.ts';
import { learningRateAt } from '../schedule.ts';
import { keepWeights } from '../weight-files.ts';
import { clipAll } from './adaptive-clipping.ts';
import { resumeSupernet, type SupernetProgress, saveSupernet } from './checkpoint.ts';
import { type SupernetReport, type SupernetResult, type SupernetTask, startSupernet } from './start.ts';
import { exportSupernet, inherit } from './weights.ts';

const WHERE = 'supernet';

/** A few seconds of work on the default space. */
const CHECKPOINT_STEPS = 200;
const REPORT_STEPS = 20;

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
  const { space, layout, weights, pathAt, checkpoint } = startSupernet(task, dataset, {
    trainer: 'embedded',
  });
  const squares = recipe.optimizer === 'rmsprop';
  const plan = createBatchPlan(recipe, dataset.train, createRng(seed));
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
      const allFinite = clipAll(runtime, network.parameters);
      network.update({ ...recipe, learningRate: learningRateAt(done, length, recipe) });
      stepsLost = allFinite ? 0 : stepsLost + 1;
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

function diverged(found: string, step: number, { peakLearningRate }: Recipe): NasError {
  return new NasError(WHERE, {
    found: `it diverged: ${found} at step ${step + 1}`,
    expected: `a loss of at most ${DIVERGED_LOSS}`,
    next: `lower the recipe's peakLearningRate, now ${peakLearningRate}`,
  });
}
