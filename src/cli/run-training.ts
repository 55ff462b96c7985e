import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { systemClock } from '../base/clock.ts';
import { digestOf } from '../base/digest.ts';
import { messageOf, NasError } from '../base/errors.ts';
import type { Dataset, ImageSet } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { testedOn } from '../datasets/test-images.ts';
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
import { openTrainingLog, type Training } from '../store/trainings.ts';
import type { TrainRequest } from '../trainers/trainer.ts';
import type { TrainOptions } from './commands/train.ts';
import { Interrupted } from './exit.ts';
import { DATABASE } from './folders.ts';
import { resolveNetwork } from './networks.ts';
import { print, printJson } from './output.ts';
import { prepareDataset } from './prepare.ts';
import { readRecipe } from './recipes.ts';
import { openTrainer, trainerConfigOf } from './trainer-options.ts';
import { VERSION } from './version.ts';
import { doWork, type Work } from './work.ts';

const CHECKPOINTS = join('runs', 'checkpoints');

/** Trains a network in full and prints what it came to. */
export async function runTraining(reference: string, options: TrainOptions): Promise<void> {
  const architecture = resolveNetwork(reference);
  const named = readRecipe(options.recipe);
  const recipe = options.epochs === undefined ? named : { ...named, epochs: options.epochs };
  const source = openDataset(options.dataset);
  const resolution = options.resolution ?? source.resolution ?? architecture.resolution;
  // All of the machine for the one network.
  const config = trainerConfigOf({ ...options, workers: 1 });
  await doWork(async (work) => {
    const { progress, signal, nowMs } = work;
    const startMs = nowMs();
    const split = {
      resolution,
      trainImages: 'rest',
      validationImages: options.validationImages ?? 'tenth',
    } as const;
    const dataset = await prepareDataset(options.dataset, split, options.seed, work);
    const build = buildOptions(architecture, dataset, options, resolution);
    const graph = buildGraph(architecture, build);
    const cost = graphCost(graph);
    progress.line(
      `network  ${reference} of width ${options.width}: ${cost.params} params, ${cost.macs} MACs at ${resolution}x${resolution}, ` +
        `${strideCount(architecture) - (build.dropEarlyStrides ?? 0)} of its ${strideCount(architecture)} strides`,
    );
    const trainer = await openTrainer(config, { dataset, workers: 1, signal });
    try {
      const request = requestOf(graph, recipe, options, trainer.digest);
      const { checkpoint } = request;
      checkResumption(checkpoint, options.resume === true);
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
        return openTrainer(config, { dataset: testedOn(dataset, test), workers: 1, signal });
      };
      const full = await trainFully({ ...request, onEpoch }, { trainer, openTester }, signal);
      if (options.csv !== undefined) writeCsv(options.csv, full.epochs);
      const subject: TrainingSubject = {
        network: reference,
        ...cost,
        resolution,
        dataset: dataset.name,
        trainImages: dataset.train.count,
        validationImages: dataset.validation.count,
        testImages,
      };
      const id = save({
        network: reference,
        architecture,
        build,
        recipe,
        seed: options.seed,
        ...(options.weights === undefined ? {} : { initialWeights: fileDigest(options.weights) }),
        dataset: dataset.name,
        datasetDigest: dataset.digest,
        trainer: trainer.name,
        trainerDigest: trainer.digest,
        codeVersion: VERSION,
        params: cost.params,
        macs: cost.macs,
        ...full,
        finishedAt: systemClock.timestamp(),
      });
      // Not before what it led to is stored.
      rmSync(checkpoint, { force: true });
      progress.clear();
      if (options.json) printJson(document(id, subject, full, (nowMs() - startMs) / 1000));
      else print(trainingSummary(id, subject, full));
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Interrupted('stopped; the same command with --resume goes on after the last whole epoch');
    } finally {
      await trainer.close();
    }
  });
}

/** The network for these images. */
export function buildOptions(
  architecture: Architecture,
  { classes, train }: Dataset,
  { width, strides }: Pick<TrainOptions, 'width' | 'strides'>,
  resolution: number,
): BuildOptions {
  const options = { width, resolution, classes: classes.length, inputChannels: train.channels };
  if (strides === undefined) return { ...options, dropEarlyStrides: stridesToDrop(architecture, options) };
  const most = strideCount(architecture);
  if (strides > most) {
    throw new NasError('--strides', {
      found: String(strides),
      expected: `at most ${most}, which ${architecture.name} has`,
    });
  }
  return { ...options, dropEarlyStrides: most - strides };
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
    writeFileAtomic.sync(path, epochsCsv(epochs));
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

function document(id: string, subject: TrainingSubject, full: FullTraining, seconds: number): unknown {
  const { network, params, macs, ...images } = subject;
  const { epochs, best, last, cpuSeconds, note = null } = full;
  return { training: id, network, params, macs, images, best, last, epochs, cpuSeconds, seconds, note };
}
