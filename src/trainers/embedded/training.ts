import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../base/clock.ts';
import { digestOf } from '../../base/digest.ts';
import { NasError } from '../../base/errors.ts';
import { createRng } from '../../base/rng.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { EpochReport } from '../../objective/trial.ts';
import { createBatchPlan } from '../batch-plan.ts';
import { checkRequest } from '../check-request.ts';
import { emaDecayAt, learningRateAt, statisticsMomentumAt } from '../schedule.ts';
import type { TrainRequest, TrainResult } from '../trainer.ts';
import { keepWeights, readSafetensors } from '../weight-files.ts';
import { batchesInOrder, createBatchLoader } from './batches.ts';
import { NO_PROGRESS, resumeCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { softmaxCrossEntropy } from './loss.ts';
import { createNetwork } from './network.ts';
import type { Runtime } from './runtime.ts';
import { threadCpuSeconds } from './thread-cpu-time.ts';
import { exportMoments, exportWeights, importMoments, importWeights } from './weights.ts';

const WHERE = 'embedded trainer';

/** Spikes to 20 or 30 were seen in trainings that went on to learn; a thousand is a network lost. */
export const DIVERGED_LOSS = 1000;

/** So many steps in succession without a finite gradient: it will not come back. */
export const MOST_STEPS_LOST = 100;

/** What a worker is sent to do; plain data. */
export interface TrainingTask
  extends Pick<
    TrainRequest,
    | 'graph'
    | 'recipe'
    | 'seed'
    | 'untilEpoch'
    | 'initialWeights'
    | 'carryMoments'
    | 'checkpoint'
    | 'timeoutMs'
    | 'reportSteps'
  > {
  /** Where to keep the weights, if they are to be kept. */
  readonly weightsFolder?: string | undefined;
  /** Keep those of the best epoch there too. */
  readonly saveBestWeights?: boolean | undefined;
}

interface TrainingParts {
  readonly onEpoch?: (report: EpochReport) => void;
  /** For the time-out. */
  readonly clock?: Clock;
}

/**
 * Trains one network and validates it after each epoch. The result depends on the arguments alone, bit for bit,
 * whether it was trained at one go or from checkpoint to checkpoint. Throws a NasError if the network diverges, does
 * not suit the dataset or takes too long.
 */
export function trainNetwork(
  runtime: Runtime,
  dataset: Dataset,
  task: TrainingTask,
  { onEpoch, clock = systemClock }: TrainingParts = {},
): TrainResult {
  const { graph, recipe, seed, initialWeights, reportSteps = 0 } = task;
  const { train, validation } = dataset;
  const { emaDecay } = recipe;
  const startSeconds = threadCpuSeconds();
  const checkTime = deadline(task.timeoutMs, clock);
  checkRequest(task, dataset, WHERE);

  const rng = createRng(seed);
  const network = createNetwork(runtime, graph, {
    batchSize: recipe.batchSize,
    rng: rng.fork('weights'),
    squares: recipe.optimizer === 'rmsprop',
    averages: emaDecay !== undefined,
  });
  const { input, output, parameters } = network;
  const loader = createBatchLoader(runtime, dataset, input);
  const plan = createBatchPlan(recipe, train, rng);
  const logits = runtime.floats(output.value, output.floats);
  const gradient = runtime.floats(network.outputGradient, output.floats);

  if (initialWeights !== undefined) {
    const stored = readSafetensors(initialWeights);
    importWeights(runtime, parameters, stored, initialWeights);
    if (task.carryMoments) importMoments(runtime, parameters, stored, initialWeights);
  }
  const checkpoint =
    task.checkpoint === undefined
      ? undefined
      : { path: task.checkpoint, training: identityOf(task, dataset) };
  const resumed = checkpoint && resumeCheckpoint(checkpoint, runtime, parameters);
  const begun = resumed?.progress ?? NO_PROGRESS;
  let best = resumed?.best;
  const epochs: EpochReport[] = [...begun.epochs];
  const stepLosses = [...begun.stepLosses];
  let { stepsLost } = begun;
  const cpuSeconds = () => begun.cpuSeconds + threadCpuSeconds() - startSeconds;
  // Takes what the epochs before have drawn.
  for (const _ of epochs) for (const _ of plan.nextEpoch());

  /** With the moving averages in the place of the weights, if the recipe has them. */
  const averaged = <Result>(work: () => Result): Result => {
    if (emaDecay === undefined) return work();
    network.swapAverages();
    const result = work();
    network.swapAverages();
    return result;
  };

  const keptWeights = (): Pick<TrainResult, 'weights' | 'bestWeights'> => {
    const { weightsFolder, saveBestWeights } = task;
    if (weightsFolder === undefined) return {};
    const last = averaged(() => exportWeights(runtime, parameters));
    const moments = task.carryMoments ? exportMoments(runtime, parameters) : [];
    const weights = keepWeights(weightsFolder, new Map([...last, ...moments]));
    return saveBestWeights ? { weights, bestWeights: keepWeights(weightsFolder, best ?? last) } : { weights };
  };

  const validate = (): number => {
    let correct = 0;
    for (const indices of batchesInOrder(validation.count, recipe.batchSize)) {
      checkTime(epochs.length + 1);
      const labels = loader.load(indices);
      network.forward({ training: false, statisticsMomentum: 0 });
      correct += softmaxCrossEntropy(logits, output, labels, 0).correct;
    }
    return correct / validation.count;
  };

  const { stepsPerEpoch } = plan;
  const length = { steps: stepsPerEpoch * recipe.epochs, stepsPerEpoch };
  let step = epochs.length * stepsPerEpoch;
  for (let epoch = epochs.length + 1; epoch <= (task.untilEpoch ?? recipe.epochs); epoch++) {
    let lossSum = 0;
    for (const batch of plan.nextEpoch()) {
      checkTime(epoch);
      const labels = loader.loadVaried(batch, recipe.cutoutPixels ?? 0);
      network.forward({ training: true, statisticsMomentum: statisticsMomentumAt(step) });
      const { loss } = softmaxCrossEntropy(logits, output, labels, recipe.labelSmoothing, gradient);
      if (!(loss <= DIVERGED_LOSS)) throw diverged(loss, step, recipe.peakLearningRate);
      if (step < reportSteps) stepLosses.push(loss);
      network.backward();
      const norm = network.update({ ...recipe, learningRate: learningRateAt(step, length, recipe) });
      stepsLost = norm === undefined || Number.isFinite(norm) ? 0 : stepsLost + 1;
      if (stepsLost === MOST_STEPS_LOST) throw collapsed(step, recipe.peakLearningRate);
      if (emaDecay !== undefined) network.updateAverages(emaDecayAt(step, emaDecay));
      lossSum += loss;
      step += 1;
    }
    const report = { epoch, trainLoss: lossSum / stepsPerEpoch, validationAccuracy: averaged(validate) };
    const isBest = epochs.every(({ validationAccuracy }) => validationAccuracy < report.validationAccuracy);
    epochs.push(report);
    if (task.saveBestWeights && isBest) best = averaged(() => exportWeights(runtime, parameters));
    if (checkpoint !== undefined) {
      const progress = { epochs, stepLosses, stepsLost, cpuSeconds: cpuSeconds() };
      saveCheckpoint(checkpoint, runtime, parameters, progress, best);
    }
    onEpoch?.(report);
  }
  const accuracy = epochs.at(-1)?.validationAccuracy ?? averaged(validate);
  const losses = task.reportSteps === undefined ? {} : { stepLosses };
  return { accuracy, epochs, cpuSeconds: cpuSeconds(), ...keptWeights(), ...losses };
}

/** Of all that the state of a training depends on. */
function identityOf(
  { graph, recipe, seed, initialWeights, carryMoments, reportSteps, saveBestWeights }: TrainingTask,
  dataset: Dataset,
): string {
  const weights =
    initialWeights === undefined
      ? undefined
      : createHash('sha256').update(readFileSync(initialWeights)).digest('hex');
  const asked = { graph, recipe, seed, weights, carryMoments, reportSteps, saveBestWeights };
  return digestOf({ trainer: WHERE, dataset: dataset.digest, ...asked });
}

/** Throws once the time is over. */
function deadline(timeoutMs: number | undefined, clock: Clock): (epoch: number) => void {
  if (timeoutMs === undefined) return () => undefined;
  const endMs = clock.monotonicMs() + timeoutMs;
  return (epoch) => {
    if (clock.monotonicMs() < endMs) return;
    throw new NasError(WHERE, {
      found: `the training was in epoch ${epoch} after ${timeoutMs} ms`,
      expected: 'its end by then',
      next: 'allow it more time, or train fewer epochs or a smaller network',
    });
  };
}

function diverged(loss: number, step: number, peakLearningRate: number): NasError {
  return new NasError(WHERE, {
    found: `the network diverged: its loss is ${loss.toPrecision(3)} at step ${step + 1}`,
    expected: `at most ${DIVERGED_LOSS}`,
    next: `lower the recipe's peakLearningRate, now ${peakLearningRate}`,
  });
}

function collapsed(step: number, peakLearningRate: number): NasError {
  return new NasError(WHERE, {
    found: `the network collapsed: its gradients were too large for float32 in ${MOST_STEPS_LOST} steps up to ${step + 1}`,
    expected:
      'layers that tell images apart; one that does not makes the gradients of those after it explode',
    next: `lower the recipe's peakLearningRate, now ${peakLearningRate}`,
  });
}
