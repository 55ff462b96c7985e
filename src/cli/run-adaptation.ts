import { existsSync, rmSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import { formatMs, parseDurationMs } from '../base/units.ts';
import type { Dataset, ImageSet } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { testedOn } from '../datasets/test-images.ts';
import type { Device } from '../devices/device.ts';
import { readTable } from '../devices/table-file.ts';
import {
  type Adaptation,
  type AdaptationJournal,
  type AdaptEvent,
  type AdaptedNetwork,
  type AdaptParts,
  adapt,
  type StepPlan,
  trainedGraph,
} from '../flows/adapt.ts';
import type { ProposalResult } from '../flows/adapt-proposals.ts';
import { accuracyOf } from '../flows/train.ts';
import { graphCost } from '../graph/cost.ts';
import type { Graph } from '../graph/graph.ts';
import {
  type AdaptationEnd,
  type AdaptationReport,
  type AdaptationStep,
  adaptationSummary,
  createAdaptationProgress,
} from '../report/adaptation-report.ts';
import { createTrainingProgress } from '../report/training-report.ts';
import { type Architecture, type BuildOptions, buildGraph } from '../space/network.ts';
import { layerFractions } from '../space/widths/layer-fractions.ts';
import { deriveWidths, graphOfWidths, type WidthSpace } from '../space/widths/width-space.ts';
import { type AdaptationLog, openAdaptationLog, type StoredAdaptation } from '../store/adaptations.ts';
import { thisProcess } from '../store/owner.ts';
import type { Recipe } from '../trainers/trainer.ts';
import { type AdaptLatencies, latenciesOfDevice, latenciesOfTable } from './adapt-latency.ts';
import { type AdaptationFiles, adaptationFiles } from './adaptation-files.ts';
import type { AdaptOptions } from './commands/adapt.ts';
import { withDevice } from './device-options.ts';
import { EXIT, Interrupted } from './exit.ts';
import { DATABASE } from './folders.ts';
import { resolveNetwork } from './networks.ts';
import { print, printJson } from './output.ts';
import { prepareDataset } from './prepare.ts';
import { readRecipe } from './recipes.ts';
import { buildOptions, fileDigest, loadTest } from './run-training.ts';
import { openTrainer, requireTrainer, type TrainerConfig, trainerConfigOf } from './trainer-options.ts';
import { VERSION } from './version.ts';
import { doWork, type Work } from './work.ts';

/** Runtimes compute 4, 8 or 16 channels at once. */
const TILE = 8;

/** What an adaptation is made of, once its options are read. */
interface Setup {
  readonly reference: string;
  readonly options: AdaptOptions;
  readonly manner: Manner;
  readonly targetMs: number;
  readonly architecture: Architecture;
  readonly deployedBuild: BuildOptions;
  readonly trainedBuild: BuildOptions;
  readonly deployed: WidthSpace;
  readonly trained: WidthSpace;
  readonly dataset: Dataset;
  /** Its first images, which fine-tunings train. */
  readonly tuningDataset: Dataset;
  readonly trainerConfig: TrainerConfig;
  /** Of the training before, where there are no weights. */
  readonly recipe: Recipe;
  readonly tuningRecipe: Recipe;
}

/** Narrows a network until it meets its target, and prints what it came to. */
export async function runAdaptation(reference: string, options: AdaptOptions): Promise<void> {
  await doWork(async (work) => {
    const manner = options.resume === true ? 'resume' : 'begin';
    const report = await adaptNetwork(reference, options, manner, work);
    work.progress.clear();
    if (options.json) printJson(report);
    else print(adaptationSummary(report));
    if (!report.met) process.exitCode = EXIT.targetMissed;
  });
}

/** An adaptation is begun, or gone on with where it was stopped; for `either` what it came to before will do as well. */
export type Manner = 'begin' | 'resume' | 'either';

/** Narrows a network until it meets its target. */
export async function adaptNetwork(
  reference: string,
  options: AdaptOptions,
  manner: Manner,
  work: Work,
): Promise<AdaptationReport> {
  const targetMs = parseDurationMs(options.target, '--target');
  if (options.step >= 1 || options.decay > 1) {
    const [name, value] = options.step >= 1 ? ['--step', options.step] : ['--decay', options.decay];
    throw new NasError(String(name), { found: String(value), expected: 'a part of 1' });
  }
  const architecture = resolveNetwork(reference);
  const named = typeof options.recipe === 'string' ? readRecipe(options.recipe) : options.recipe;
  const recipe = options.epochs === undefined ? named : { ...named, epochs: options.epochs };
  const trainerConfig = trainerConfigOf(options);
  const table = options.table === undefined ? undefined : readTable(options.table);
  const resolution = options.resolution ?? openDataset(options.dataset).resolution ?? architecture.resolution;
  await requireTrainer(trainerConfig, work);
  const split = {
    resolution,
    trainImages: 'rest',
    validationImages: options.validationImages ?? 'tenth',
  } as const;
  const dataset = await prepareDataset(options.dataset, split, options.seed, work);
  const trainedBuild = buildOptions(architecture, dataset, options, resolution);
  const deployedBuild = options.deployAsTrained
    ? trainedBuild
    : { width: options.width, resolution: options.deployedResolution };
  const deployed = deriveWidths(buildGraph(architecture, deployedBuild));
  const setup: Setup = {
    ...{ reference, options, manner, targetMs, architecture, deployedBuild, trainedBuild, deployed },
    ...{ dataset, tuningDataset: firstImages(dataset, options.tuneImages), trainerConfig, recipe },
    trained: deriveWidths(buildGraph(architecture, trainedBuild)),
    tuningRecipe: tuningRecipeOf(recipe, options),
  };
  if (table !== undefined) return adaptWith(setup, latenciesOfTable(table), undefined, work);
  return withDevice(options, work, async (device) => {
    const pixels = deployed.graph.nodes[0]?.shape[0];
    const name = `${reference}, width ${options.width}, ${pixels}x${pixels}`;
    const latencies = await latenciesOfDevice(device, { name, graph: deployed.graph }, work);
    return adaptWith(setup, latencies, device, work);
  });
}

/** A tenth of the rate: the weights are trained, and only have to make up for the channels that are gone. */
function tuningRecipeOf(recipe: Recipe, { tuneEpochs, tuneRate }: AdaptOptions): Recipe {
  // Moving averages would lag behind a training of some hundred steps.
  const { emaDecay: _, ...rest } = recipe;
  const peakLearningRate = tuneRate ?? recipe.peakLearningRate / 10;
  return { ...rest, epochs: tuneEpochs, peakLearningRate, warmupFraction: 0.1, schedule: 'cosine' };
}

/** The dataset with so many of its training images, which are a sample of all, at most; normalised as before. */
function firstImages(dataset: Dataset, count: number): Dataset {
  const { train, digest } = dataset;
  if (count >= train.count) return dataset;
  const bytes = train.height * train.width * train.channels;
  const some: ImageSet = {
    ...train,
    count,
    pixels: train.pixels.subarray(0, count * bytes),
    labels: train.labels.subarray(0, count),
  };
  return { ...dataset, digest: digestOf({ of: digest, first: count }), train: some };
}

async function adaptWith(
  setup: Setup,
  latencies: AdaptLatencies,
  device: Device | undefined,
  work: Work,
): Promise<AdaptationReport> {
  const { options, dataset, tuningDataset, trainerConfig, reference, targetMs } = setup;
  const { signal, nowMs } = work;
  const startMs = nowMs();
  const log = openAdaptationLog(DATABASE);
  let claimed: string | undefined;
  try {
    const adaptation = beginOrResume(setup, latencies, log, work);
    // Our own document, as it was stored.
    if (adaptation.outcome !== undefined) return adaptation.outcome as AdaptationReport;
    const { id } = adaptation;
    claimed = id;
    const files = adaptationFiles(id, options.criterion);
    const weights = adaptation.weights ?? (await trainFirst(setup, files, work));
    log.saveWeights(id, weights);
    const parts: AdaptParts = {
      ...{ deployed: setup.deployed, trained: setup.trained, recipe: setup.tuningRecipe, seed: options.seed },
      ...{ estimate: latencies.estimate, journal: journalOf(log, id) },
      inherit: files.inherit,
      discard: files.discard,
      ...(options.criterion === 'taylor' ? { gradientsFile: files.gradientsFile } : {}),
      // A fine-tuning of one epoch would have nothing to go on from.
      ...(options.tuneEpochs > 1 ? { checkpointFile: files.checkpointFile } : {}),
      trainer: await openTrainer(trainerConfig, {
        dataset: tuningDataset,
        workers: options.workers,
        weightsFolder: files.folder,
        signal,
      }),
    };
    let ended: Ended;
    let measured: ReadonlyMap<End, number>;
    try {
      ({ ended, measured } = await followAndMeasure(weights, setup, parts, device, work));
    } finally {
      await parts.trainer.close();
    }
    await latencies.end();
    const ends = await describeEnds(ended, measured, parts, setup, work);
    const { network, cpuSeconds } = ended.adaptation;
    const met = (ends.after.measuredMs ?? ends.after.latencyMs) <= targetMs;
    const report: AdaptationReport = {
      ...{ adaptation: id, network: reference, targetMs, met, ...ends, steps: ended.steps },
      layers: layerFractions(setup.deployed, network.widths),
      weights: network.weights,
      validationImages: dataset.validation.count,
      cpuSeconds,
      seconds: (nowMs() - startMs) / 1000,
    };
    log.finish(id, report, systemClock.timestamp());
    // Not before what it led to is stored.
    rmSync(files.checkpoint, { force: true });
    return report;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted('stopped; the same command with --resume goes on');
  } finally {
    if (claimed !== undefined) log.release(claimed);
    log.close();
  }
}

/** The adaptation of these options: a new one, or the one that was stopped; this process is at work on it then. */
function beginOrResume(
  { reference, options, manner, targetMs, dataset, tuningDataset, trainerConfig, ...setup }: Setup,
  { table }: AdaptLatencies,
  log: AdaptationLog,
  { progress }: Work,
): StoredAdaptation {
  const { device, runtime, dtype, threads } = table.provenance;
  const { step, decay, rule, criterion, seed, weights } = options;
  const { architecture, deployedBuild, trainedBuild, recipe, tuningRecipe } = setup;
  const asked = {
    ...{ architecture, deployedBuild, trainedBuild, targetMs, step, decay, rule, criterion, seed },
    device: {
      device,
      runtime,
      dtype,
      threads,
      ...(options.table === undefined ? {} : { table: options.table }),
    },
    ...(weights === undefined ? { recipe } : { weights: fileDigest(weights) }),
    ...{ tuningRecipe, dataset: dataset.name, trainer: trainerConfig },
  };
  const digests = [dataset.digest, tuningDataset.digest];
  const identity = digestOf({ asked, digests });
  const config = {
    ...asked,
    datasetDigest: dataset.digest,
    codeVersion: VERSION,
  };
  const found = log.unfinished(identity);
  if (found === undefined && manner === 'either') {
    const finished = log.finished(identity);
    if (finished !== undefined) return finished;
  }
  if (found === undefined && manner === 'resume') {
    throw new NasError('--resume', {
      found: 'no such adaptation that was stopped',
      expected: 'one of the same network, target, device, settings, seed and dataset',
      next: 'leave --resume away to start it',
    });
  }
  const owner = thisProcess();
  if (found !== undefined) log.claim(found.id, { owner, takeOver: options.takeOver === true });
  if (found !== undefined && manner === 'begin') {
    log.release(found.id);
    throw new NasError(found.id, {
      found: 'the same adaptation, which was stopped',
      expected: 'none',
      next: 'add --resume to go on, or choose another --seed to start anew',
    });
  }
  if (found !== undefined) progress.line(`resuming ${found.id}`);
  const adaptation =
    found ?? log.create({ identity, network: reference, config }, systemClock.timestamp(), owner);
  return weights === undefined ? adaptation : { ...adaptation, weights };
}

/** Weights to start from, where none were given. */
async function trainFirst(
  { trained, recipe, options, dataset, trainerConfig }: Setup,
  { checkpoint }: AdaptationFiles,
  { progress, signal, nowMs }: Work,
): Promise<string> {
  const resumed = existsSync(checkpoint) ? ', from where it was stopped' : '';
  progress.line(`training ${recipe.epochs} epochs first${resumed}: no --weights were given`);
  const trainer = await openTrainer(trainerConfig, { dataset, workers: 1, signal });
  try {
    const request = { graph: trained.graph, genotype: [], recipe, seed: options.seed, checkpoint };
    const onEpoch = createTrainingProgress(progress, recipe.epochs, nowMs);
    const keep = { saveWeights: true, saveBestWeights: true };
    const { weights, bestWeights = weights } = await trainer.train({ ...request, ...keep, onEpoch }, signal);
    progress.clear();
    if (bestWeights === undefined) throw new RangeError('the trainer kept no weights');
    return bestWeights;
  } finally {
    await trainer.close();
  }
}

function journalOf(log: AdaptationLog, id: string): AdaptationJournal {
  return {
    // Our own documents, as they were stored.
    plan: (step) => log.step(id, step)?.plan as StepPlan | undefined,
    savePlan: (step, plan) => log.savePlan(id, step, plan),
    results: (step) => (log.step(id, step)?.results ?? new Map()) as ReadonlyMap<number, ProposalResult>,
    saveResult: (step, place, result) => log.saveResult(id, step, place, result),
    saveChoice: (step, place) => log.saveChoice(id, step, place),
  };
}

interface Ended {
  readonly adaptation: Adaptation;
  readonly first: AdaptedNetwork;
  readonly steps: readonly AdaptationStep[];
}

/** Of an adaptation: the network that it began with, and what it came to. */
type End = 'before' | 'after';

/** An estimate may be off by some per cent: so often at most an adaptation goes on that the device says is not there yet. */
const MEASURED_ROUNDS = 4;
/** Cut a little more than what was missing, since measurements vary. */
const MARGIN = 0.99;

/**
 * Runs the adaptation until it meets its target by the estimate, and measures what it came to as a whole. Where that is
 * above the target the estimate was too low by as much, so it goes on to an estimate that is lower by that.
 */
async function followAndMeasure(
  weights: string,
  setup: Setup,
  parts: AdaptParts,
  device: Device | undefined,
  work: Work,
): Promise<{ readonly ended: Ended; readonly measured: ReadonlyMap<End, number> }> {
  const { targetMs } = setup;
  let aimMs = targetMs;
  let shown = 0;
  for (let round = 1; ; round++) {
    const ended = await follow(weights, setup, aimMs, shown, parts, work);
    const { met, network } = ended.adaptation;
    const measured = await measureEnds(ended, setup, device, work);
    const measuredMs = measured.get('after');
    if (measuredMs === undefined || measuredMs <= targetMs || !met || round === MEASURED_ROUNDS) {
      return { ended, measured };
    }
    aimMs = network.latencyMs * (targetMs / measuredMs) * MARGIN;
    shown = ended.steps.length;
    work.progress.line(
      `measured ${formatMs(measuredMs)} as a whole, above the target: going on to an estimate of ${formatMs(aimMs)}`,
    );
  }
}

/** Runs the adaptation to its end, showing how it goes; the first `shown` steps have been shown before. */
async function follow(
  weights: string,
  { options }: Setup,
  targetMs: number,
  shown: number,
  parts: AdaptParts,
  { progress, signal, nowMs }: Work,
): Promise<Ended> {
  const { step, decay, rule } = options;
  const settings = { targetMs, step, decay, rule, divisor: TILE };
  const showNew = createAdaptationProgress(progress, targetMs, nowMs);
  const show = (event: AdaptEvent): void => {
    if (shown === 0 || (event.kind !== 'begun' && event.step >= shown)) showNew(event);
  };
  const running = adapt({ weights }, settings, parts, signal);
  const steps: AdaptationStep[] = [];
  let first: AdaptedNetwork | undefined;
  let next = await running.next();
  for (; next.done !== true; next = await running.next()) {
    const event: AdaptEvent = next.value;
    show(event);
    if (event.kind === 'begun') first = event.network;
    if (event.kind !== 'chosen') continue;
    const { layer, from, to, interpolated } = event.proposal;
    const { latencyMs, accuracy } = event.network;
    const results = [...parts.journal.results(event.step).values()];
    steps.push({
      ...{ step: event.step, layer, from, to, latencyMs, accuracy, interpolated, proposals: results.length },
      failed: results.filter((result) => 'error' in result).length,
    });
  }
  if (first === undefined) throw new RangeError('an adaptation begins');
  return { adaptation: next.value, first, steps };
}

/** Both networks as wholes, side by side; nothing where there is no device. */
async function measureEnds(
  ended: Ended,
  { deployed }: Setup,
  device: Device | undefined,
  { signal }: Work,
): Promise<ReadonlyMap<End, number>> {
  const measured = new Map<End, number>();
  if (device === undefined) return measured;
  const graphs = graphsOf(ended, deployed);
  const ends = ['before', 'after'] as const;
  const networks = ends.map((name) => ({ name, graph: graphs[name] }));
  for await (const { name, medianMs } of device.measureNetworks(networks, { signal })) {
    for (const end of ends) if (end === name) measured.set(end, medianMs);
  }
  return measured;
}

function graphsOf({ adaptation }: Ended, deployed: WidthSpace): Readonly<Record<End, Graph>> {
  return { before: deployed.graph, after: graphOfWidths(deployed, adaptation.network.widths) };
}

/** Both networks with what can be told of them, tested on images that nothing was chosen by too. */
async function describeEnds(
  ended: Ended,
  measured: ReadonlyMap<End, number>,
  parts: AdaptParts,
  { deployed, dataset, options, trainerConfig, tuningRecipe }: Setup,
  work: Work,
): Promise<Readonly<Record<End, AdaptationEnd>>> {
  const { signal } = work;
  const ends = { before: ended.first, after: ended.adaptation.network };
  const graphs = graphsOf(ended, deployed);
  const test = await loadTest(options.dataset, dataset.train.width, work);
  const tester =
    test && (await openTrainer(trainerConfig, { dataset: testedOn(dataset, test), workers: 1, signal }));
  try {
    const describe = async (end: End): Promise<AdaptationEnd> => {
      const network = ends[end];
      const request = {
        graph: trainedGraph(parts, network),
        ...{ genotype: [], recipe: tuningRecipe, seed: options.seed },
      };
      return {
        accuracy: network.accuracy,
        latencyMs: network.latencyMs,
        ...graphCost(graphs[end]),
        measuredMs: measured.get(end) ?? null,
        testAccuracy:
          tester === undefined ? null : await accuracyOf(request, network.weights, tester, signal),
      };
    };
    return { before: await describe('before'), after: await describe('after') };
  } finally {
    await tester?.close();
  }
}
