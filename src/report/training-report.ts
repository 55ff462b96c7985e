import { formatCount, formatDuration, formatPercent } from '../base/units.ts';
import type { FullTraining, TrainedWeights } from '../flows/train.ts';
import type { EpochReport } from '../objective/trial.ts';
import { bar, type Progress, secondsLeft } from './progress.ts';

/** What is trained, as it is told to people and programs. */
export interface TrainingSubject {
  readonly network: string;
  readonly params: number;
  /** At the size in which it is trained. */
  readonly macs: number;
  /** Rows and columns of the images. */
  readonly resolution: number;
  readonly dataset: string;
  readonly trainImages: number;
  readonly validationImages: number;
  /** 0 where the dataset has none. */
  readonly testImages: number;
}

/** Shows a training as it goes: a line an epoch, and the time left, by the epochs of this session. */
export function createTrainingProgress(
  progress: Progress,
  epochs: number,
  nowMs: () => number,
): (report: EpochReport) => void {
  const startMs = nowMs();
  let done = 0;
  return ({ epoch, trainLoss, validationAccuracy }) => {
    done++;
    const elapsed = (nowMs() - startMs) / 1000;
    const left = secondsLeft(done / (done + epochs - epoch), elapsed) ?? 0;
    const status =
      `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}  loss ${trainLoss.toFixed(4)}  ` +
      `accuracy ${formatPercent(validationAccuracy)}  ${formatDuration(elapsed / done)} an epoch, ${formatDuration(left)} left`;
    progress.line(status);
    progress.live(`${bar(epoch / epochs)} ${status}`);
  };
}

/** The answer for people. */
export function trainingSummary(
  id: string,
  subject: TrainingSubject,
  { epochs, best, last, cpuSeconds, note }: FullTraining,
): string {
  const { network, params, macs, resolution, dataset, trainImages } = subject;
  return [
    `${network}: ${formatCount(params)} params, ${formatCount(macs)} MACs at ${resolution}x${resolution}, ` +
      `${epochs.length} epochs on ${trainImages} training images of ${dataset}, ${formatDuration(cpuSeconds)} of processor time`,
    ...[best, ...(last.weights === best.weights ? [] : [last])].map(
      (weights) =>
        `${weights === last ? 'last' : 'best'}  ${accuracies(weights, subject)}  ${weights.weights}`,
    ),
    ...(note === undefined ? [] : [note]),
    `stored as ${id}; nas trainings lists all`,
  ].join('\n');
}

function accuracies(
  { epoch, validationAccuracy, testAccuracy }: TrainedWeights,
  { validationImages, testImages }: TrainingSubject,
): string {
  const validation = `${formatPercent(validationAccuracy)} of ${validationImages} validation images`;
  return testAccuracy === undefined
    ? `${validation}, by which the best epoch was chosen (epoch ${epoch}; there are no test images)`
    : `${formatPercent(testAccuracy)} of ${testImages} test images (epoch ${epoch}; ${validation})`;
}

/** A table of epochs that spreadsheets read. */
export function epochsCsv(epochs: readonly EpochReport[]): string {
  return [
    'epoch,train_loss,validation_accuracy',
    ...epochs.map(({ epoch, trainLoss, validationAccuracy }) =>
      [epoch, trainLoss, validationAccuracy].join(','),
    ),
    '',
  ].join('\n');
}
