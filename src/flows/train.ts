import type { EpochReport } from '../objective/trial.ts';
import type { Trainer, TrainRequest, TrainResult } from '../trainers/trainer.ts';

/** Weights of a training, and how good they are. */
export interface TrainedWeights {
  readonly epoch: number;
  /** A safetensors file. */
  readonly weights: string;
  readonly validationAccuracy: number;
  /** On images that nothing was chosen by, where the dataset has such. */
  readonly testAccuracy?: number;
}

/** What a full training came to. */
export interface FullTraining {
  readonly epochs: readonly EpochReport[];
  /** Of the epoch that validated best, the first of equals. */
  readonly best: TrainedWeights;
  readonly last: TrainedWeights;
  /** Processor time of training and validation. */
  readonly cpuSeconds: number;
  readonly note?: string;
}

export interface FullTrainingParts {
  readonly trainer: Trainer;
  /**
   * A trainer of the same kind whose validation images are the dataset's test images; undefined where there are none.
   * Asked for once the training has ended, so that no test image is in memory before.
   */
  readonly openTester: () => Promise<Trainer | undefined>;
}

/** Trains a network to the end of its recipe, then tests the best and the last of its weights. */
export async function trainFully(
  request: TrainRequest,
  { trainer, openTester }: FullTrainingParts,
  signal: AbortSignal,
): Promise<FullTraining> {
  const trained = await trainer.train({ ...request, saveWeights: true, saveBestWeights: true }, signal);
  const { epochs, cpuSeconds, note } = trained;
  const [bestReport, lastReport] = [bestOf(epochs), epochs.at(-1)];
  if (trained.weights === undefined || bestReport === undefined || lastReport === undefined) {
    throw new RangeError('a full training gives weights after at least one epoch');
  }
  const last = { ...weighed(lastReport), weights: trained.weights };
  // A trainer that kept none of before gives the last ones.
  const best =
    trained.bestWeights === undefined ? last : { ...weighed(bestReport), weights: trained.bestWeights };
  const tester = await openTester();
  const note_ = note === undefined ? {} : { note };
  if (tester === undefined) return { epochs, best, last, cpuSeconds, ...note_ };
  try {
    const accuracies = new Map<string, number>();
    for (const { weights } of [best, last]) {
      if (!accuracies.has(weights)) {
        accuracies.set(weights, await accuracyOf(request, weights, tester, signal));
      }
    }
    const tested = (weights: TrainedWeights): TrainedWeights => {
      const testAccuracy = accuracies.get(weights.weights);
      return testAccuracy === undefined ? weights : { ...weights, testAccuracy };
    };
    return { epochs, best: tested(best), last: tested(last), cpuSeconds, ...note_ };
  } finally {
    await tester.close();
  }
}

/** The report of the epoch that validated best, the first of equals. */
function bestOf(epochs: readonly EpochReport[]): EpochReport | undefined {
  const highest = Math.max(...epochs.map(({ validationAccuracy }) => validationAccuracy));
  return epochs.find(({ validationAccuracy }) => validationAccuracy === highest);
}

function weighed({ epoch, validationAccuracy }: EpochReport): Omit<TrainedWeights, 'weights'> {
  return { epoch, validationAccuracy };
}

/** How many of a trainer's validation images a network with given weights tells: a training of no epochs. */
export async function accuracyOf(
  { graph, genotype, recipe, seed }: TrainRequest,
  weights: string,
  trainer: Trainer,
  signal: AbortSignal,
): Promise<number> {
  const request = { graph, genotype, recipe: { ...recipe, epochs: 0 }, seed, initialWeights: weights };
  const { accuracy }: TrainResult = await trainer.train(request, signal);
  return accuracy;
}
