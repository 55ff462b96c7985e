import { NasError } from '../../base/errors.ts';
import { createRng } from '../../base/rng.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { printShape } from '../../graph/shape.ts';
import type { EpochReport } from '../../objective/trial.ts';
import { createBatchPlan } from '../batch-plan.ts';
import { emaDecayAt, learningRateAt, statisticsMomentumAt } from '../schedule.ts';
import type { TrainRequest, TrainResult } from '../trainer.ts';
import { batchesInOrder, createBatchLoader } from './batches.ts';
import { softmaxCrossEntropy } from './loss.ts';
import { createNetwork } from './network.ts';
import type { Runtime } from './runtime.ts';
import { threadCpuSeconds } from './thread-cpu-time.ts';

/** Spikes to 20 or 30 were seen in trainings that went on to learn; a thousand is a network lost. */
const DIVERGED_LOSS = 1000;

/** What a worker is sent to do; plain data. */
export type TrainingTask = Pick<TrainRequest, 'graph' | 'recipe' | 'seed'>;

/**
 * Trains one network by stochastic gradient descent and validates it after each epoch.
 * The result depends on the arguments alone, bit for bit. Throws a NasError if the network diverges or does not
 * suit the dataset.
 */
export function trainNetwork(
  runtime: Runtime,
  dataset: Dataset,
  { graph, recipe, seed }: TrainingTask,
): TrainResult {
  const { train, validation } = dataset;
  const startSeconds = threadCpuSeconds();
  const rng = createRng(seed);
  const network = createNetwork(runtime, graph, {
    batchSize: recipe.batchSize,
    rng: rng.fork('weights'),
    squares: recipe.optimizer === 'rmsprop',
    averages: recipe.emaDecay !== undefined,
  });
  checkFit(network, dataset, recipe.batchSize);
  const { input, output } = network;
  const loader = createBatchLoader(runtime, dataset, input);
  const plan = createBatchPlan(recipe, train, rng);
  const logits = runtime.floats(output.value, output.floats);
  const gradient = runtime.floats(network.outputGradient, output.floats);

  const validate = (): number => {
    if (recipe.emaDecay !== undefined) network.swapAverages();
    let correct = 0;
    for (const indices of batchesInOrder(validation.count, recipe.batchSize)) {
      const labels = loader.load(indices);
      network.forward({ training: false, statisticsMomentum: 0 });
      correct += softmaxCrossEntropy(logits, output, labels, 0).correct;
    }
    if (recipe.emaDecay !== undefined) network.swapAverages();
    return correct / validation.count;
  };

  const { stepsPerEpoch } = plan;
  const length = { steps: stepsPerEpoch * recipe.epochs, stepsPerEpoch };
  const epochs: EpochReport[] = [];
  let step = 0;
  for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
    let lossSum = 0;
    for (const batch of plan.nextEpoch()) {
      const labels = loader.loadVaried(batch, recipe.cutoutPixels ?? 0);
      network.forward({ training: true, statisticsMomentum: statisticsMomentumAt(step) });
      const { loss } = softmaxCrossEntropy(logits, output, labels, recipe.labelSmoothing, gradient);
      if (!(loss <= DIVERGED_LOSS)) throw diverged(loss, step, recipe.peakLearningRate);
      network.backward();
      network.update({ ...recipe, learningRate: learningRateAt(step, length, recipe) });
      if (recipe.emaDecay !== undefined) network.updateAverages(emaDecayAt(step, recipe.emaDecay));
      lossSum += loss;
      step += 1;
    }
    epochs.push({ epoch, trainLoss: lossSum / stepsPerEpoch, validationAccuracy: validate() });
  }
  const accuracy = epochs.at(-1)?.validationAccuracy ?? validate();
  return { accuracy, epochs, cpuSeconds: threadCpuSeconds() - startSeconds };
}

function checkFit(
  { input, output }: Pick<ReturnType<typeof createNetwork>, 'input' | 'output'>,
  { name, train, classes }: Dataset,
  batchSize: number,
): void {
  const found = printShape([input.height, input.width, input.channels]);
  const expected = printShape([train.height, train.width, train.channels]);
  if (found !== expected) {
    throw new NasError('embedded trainer', {
      found: `the network takes ${found} images`,
      expected: `${expected}, as ${name} has them`,
    });
  }
  if (output.height !== 1 || output.width !== 1 || output.channels !== classes.length) {
    throw new NasError('embedded trainer', {
      found: `the network gives ${printShape([output.height, output.width, output.channels])} logits`,
      expected: `1x1x${classes.length}, one for each class of ${name}`,
    });
  }
  if (batchSize > train.count) {
    throw new NasError('embedded trainer', {
      found: `a batch of ${batchSize} out of ${train.count} training images`,
      expected: 'at least one whole batch',
    });
  }
}

function diverged(loss: number, step: number, peakLearningRate: number): NasError {
  return new NasError('embedded trainer', {
    found: `the network diverged: its loss is ${loss.toPrecision(3)} at step ${step + 1}`,
    expected: `at most ${DIVERGED_LOSS}`,
    next: `lower the recipe's peakLearningRate, now ${peakLearningRate}`,
  });
}
