import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { canonicalJson, digestOf } from '../base/digest.ts';
import { messageOf, NasError } from '../base/errors.ts';
import type { Dataset, ImageSet } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { testedOn } from '../datasets/test-images.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { type FullTraining, trainFully } from '../flows/train.ts';
import { graphCost } from '../graph/cost.ts';
import type { Graph } from '../graph/graph.ts';
import type { EpochReport } from '../objective/trial.ts';
import {
  createTrainingProgress,
  epochsCsv,
  type TrainingSubject,
  trainingSummary,
} from '../report/training-report.ts';
import { type Architecture, type BuildOptions, buildGraph } from '../space/network.ts';
import { strideCount, stridesToDrop } from '../space/small-images.ts';
import {
  openTrainingLog,
  type StoredImages,
  type StoredTraining,
  type Training,
} from '../store/trainings.ts';
import type { TrainRequest } from '../trainers/trainer.ts';
import type { TrainOptions } from './commands/train.ts';
import { Interrupted } from './exit.ts';
import { DATABASE } from './folders.ts';
import { stridesBut } from './kept-strides.ts';
import { resolveNetwork } from './networks.ts';
import { print, printJson } from './output.ts';
import { prepareDataset } from './prepare.ts';
import { recipeOf } from './recipes.ts';
import { openTrainer, trainerConfigOf } from './trainer-options.ts';
import { VERSION } from './version.ts';
import { doWork, type Work } from './work.ts';

const CHECKPOINTS = join('runs', 'checkpoints');

/** Trains a network in full and prints what it came to. */
export async function runTraining(reference: string, options: TrainOptions): Promise<void> {
  await doWork(async (work) => {
    const manner = options.resume === true ? 'resume' : 'begin';
    const { id, subject, full, seconds } = await trainInFull(reference, options, manner, work);
    work.progress.clear();
    if (options.json) printJson(document(id, subject, full, seconds));
    else print(trainingSummary(id, subject, full));
  });
}

/** A training is begun, or gone on with where it was stopped; for `either` the same one that is stored will do as well. */
type Manner = 'begin' | 'resume' | 'either';

/** What a full training came to. */
interface TrainingOutcome {
  /** Its number in the store. */
  readonly id: string;
  readonly subject: TrainingSubject;
  readonly full: FullTraining;
  readonly seconds: number;
}

/** Trains a network in full and stores what it came to. */
export async function trainInFull(
  reference: string,
  options: TrainOptions,
  manner: Manner,
  work: Work,
): Promise<TrainingOutcome> {
  const architecture = resolveNetwork(reference);
  const recipe = recipeOf(options);
  const source = openDataset(options.dataset);
  const resolution = options.resolution ?? source.resolution ?? architecture.resolution;
  // All of the machine for the one network.
  const config = trainerConfigOf({ ...options, workers: 1 });
  const { progress, signal, nowMs, queue } = work;
  const startMs = nowMs();
  const dataset = await prepareFullDataset(options, resolution, work);
  const build = buildOptions(architecture, dataset, options, resolution);
  const graph = buildGraph(architecture, build);
  const cost = graphCost(graph);
  progress.line(
    `network  ${reference} of width ${options.width}: ${cost.params} params, ${cost.macs} MACs at ${resolution}x${resolution}, ` +
      `${strideCount(architecture) - (build.dropEarlyStrides ?? 0)} of its ${strideCount(architecture)} strides`,
  );
  const trainer = await openTrainer(config, { dataset, workers: 1, signal, queue });
  try {
    const request = requestOf(graph, recipe, options, trainer.digest);
    const { checkpoint } = request;
    const identity = {
      ...{ architecture, build, recipe, seed: options.seed },
      ...(options.weights === undefined ? {} : { initialWeights: fileDigest(options.weights) }),
      ...{ datasetDigest: dataset.digest, trainerDigest: trainer.digest },
    };
    const subject: TrainingSubject = {
      network: reference,
      ...cost,
      resolution,
      dataset: dataset.name,
      trainImages: dataset.train.count,
      validationImages: dataset.validation.count,
      testImages: 0,
    };
    if (manner === 'either' && !existsSync(checkpoint)) {
      const same = storedTraining(identity);
      if (same !== undefined) return { id: same.id, subject, full: same, seconds: 0 };
    }
    if (manner !== 'either') checkResumption(checkpoint, manner === 'resume');
    if (options.csv !== undefined) writeCsv(options.csv, []);
    progress.line(
      `training ${recipe.epochs} epochs with ${trainer.name}, checkpoint after each in ${checkpoint}`,
    );
    const reported: EpochReport[] = [];
    const show = createTrainingProgress(progress, recipe.epochs, nowMs);
    const onEpoch = (report: EpochReport): void => {
      reported.push(report);
      show(report);
      if (options.csv !== undefined) writeCsv(options.csv, reported);
    };
    let testImages = 0;
    const openTester = async () => {
      const test = await loadTest(options.dataset, resolution, work);
      if (test === undefined) return undefined;
      testImages = test.count;
      return openTrainer(config, { dataset: testedOn(dataset, test), workers: 1, signal, queue });
    };
    const full = await trainFully({ ...request, onEpoch }, { trainer, openTester }, signal);
    if (options.csv !== undefined) writeCsv(options.csv, full.epochs);
    const id = save({
      network: reference,
      ...identity,
      dataset: dataset.name,
      images: storedImages(dataset),
      trainer: trainer.name,
      codeVersion: VERSION,
      params: cost.params,
      macs: cost.macs,
      ...full,
      finishedAt: systemClock.timestamp(),
    });
    // Not before what it led to is stored.
    rmSync(checkpoint, { force: true });
    return { id, subject: { ...subject, testImages }, full, seconds: (nowMs() - startMs) / 1000 };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted('stopped; the same command with --resume goes on after the last whole epoch');
  } finally {
    await trainer.close();
  }
}

/** All images of a dataset for a full training, but those held out. */
export function prepareFullDataset(
  { dataset, validationImages, seed }: Pick<TrainOptions, 'dataset' | 'validationImages' | 'seed'>,
  resolution: number,
  work: Work,
): Promise<Dataset> {
  return prepareDataset(
    dataset,
    { resolution, trainImages: 'rest' as const, validationImages: validationImages ?? ('tenth' as const) },
    seed,
    work,
  );
}

/** The network for these images. */
export function buildOptions(
  architecture: Architecture,
  { classes, train }: Dataset,
  { width, strides }: Pick<TrainOptions, 'width' | 'strides'>,
  resolution: number,
): BuildOptions {
  const options = { width, resolution, classes: classes.length, inputChannels: train.channels };
  const dropEarlyStrides =
    strides === undefined ? stridesToDrop(architecture, options) : stridesBut(architecture, strides);
  return { ...options, dropEarlyStrides };
}

/** A training whose checkpoint is found by all that it depends on. */
function requestOf(
  graph: Graph,
  recipe: TrainRequest['recipe'],
  { seed, weights }: TrainOptions,
  trainerDigest: string,
): TrainRequest & { readonly checkpoint: string } {
  const initial = weights === undefined ? undefined : fileDigest(weights);
  const digest = digestOf({ graph, recipe, seed, initial, trainerDigest });
  return {
    graph,
    genotype: [],
    recipe,
    seed,
    checkpoint: join(CHECKPOINTS, `${digest.slice(0, 16)}.safetensors`),
    ...(weights === undefined ? {} : { initialWeights: weights }),
  };
}

export function fileDigest(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (cause) {
    throw new NasError(path, {
      found: `cannot be read (${messageOf(cause)})`,
      expected: 'a safetensors file',
      cause,
    });
  }
}

/** The newest that was made of the same things. */
function storedTraining(identity: Partial<StoredTraining>): StoredTraining | undefined {
  const text = canonicalJson(identity);
  const fields = new Set(Object.keys(identity));
  const log = openTrainingLog(DATABASE);
  try {
    return log.all().find((training) => {
      const same = Object.entries(training).filter(([field]) => fields.has(field));
      const begunAlike = (training.initialWeights === undefined) === (identity.initialWeights === undefined);
      return begunAlike && canonicalJson(Object.fromEntries(same)) === text;
    });
  } finally {
    log.close();
  }
}

/** What an earlier session has done is neither thrown away nor gone on with unasked. */
function checkResumption(checkpoint: string, resume: boolean): void {
  const found = existsSync(checkpoint);
  if (found === resume) return;
  throw new NasError(checkpoint, {
    found: found ? 'the checkpoint of this training, which was stopped' : 'no checkpoint of this training',
    expected: resume ? 'one of the same network, recipe, seed, dataset and trainer' : 'none',
    next: found
      ? 'add --resume to go on, or remove the file to start anew'
      : 'leave --resume away to start it',
  });
}

export async function loadTest(
  name: string,
  resolution: number,
  { signal }: Work,
): Promise<ImageSet | undefined> {
  return openDataset(name).loadTest?.({ resolution, signal });
}

/** So far as this session has reported them; the whole once the training has ended. */
function writeCsv(path: string, epochs: readonly EpochReport[]): void {
  try {
    writeWholeFile(path, epochsCsv(epochs));
  } catch (cause) {
    throw new NasError(path, { found: `cannot be written (${messageOf(cause)})`, cause });
  }
}

function save(training: Training): string {
  const log = openTrainingLog(DATABASE);
  try {
    return log.save(training);
  } finally {
    log.close();
  }
}

/** What whoever uses the weights has to know of the images. */
export function storedImages({ train, validation, mean, standardDeviation }: Dataset): StoredImages {
  return { trainImages: train.count, validationImages: validation.count, mean, standardDeviation };
}

function document(id: string, subject: TrainingSubject, full: FullTraining, seconds: number): unknown {
  const { network, params, macs, ...images } = subject;
  const { epochs, best, last, cpuSeconds, note = null } = full;
  return { training: id, network, params, macs, images, best, last, epochs, cpuSeconds, seconds, note };
}
