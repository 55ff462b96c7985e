import type { Command } from 'commander';
import { mean } from 'simple-statistics';
import { systemClock } from '../../../base/clock.ts';
import { digestOf } from '../../../base/digest.ts';
import { NasError } from '../../../base/errors.ts';
import { formatDuration } from '../../../base/units.ts';
import { writeWholeFile } from '../../../files/write-whole-file.ts';
import { deployedCosts, proxyTraining } from '../../../flows/candidate.ts';
import { type PlannedTraining, type Trained, trainAll } from '../../../flows/train-all.ts';
import { bar, secondsLeft } from '../../../report/progress.ts';
import type { Decision } from '../../../space/decision.ts';
import { everyGenotype } from '../../../space/enumerate.ts';
import { kernelsOfSpace } from '../../../space/kernels.ts';
import type { SearchSpace } from '../../../space/search-space.ts';
import type { Trainer } from '../../../trainers/trainer.ts';
import { calibrationNetworks } from '../../calibration-networks.ts';
import { addDeviceOptions, type DeviceOptions, withDevice } from '../../device-options.ts';
import { positiveInteger } from '../../option-values.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { prepareDataset, prepareTable } from '../../prepare.ts';
import { readSpace, requireProxy } from '../../space-files.ts';
import {
  addParallelTrainingOptions,
  addTrainerOptions,
  openTrainer,
  type ParallelTrainingOptions,
  trainerConfigOf,
} from '../../trainer-options.ts';
import { openTrainingJournal, type TrainingJournalFile } from '../../training-journal.ts';
import { VERSION } from '../../version.ts';
import { doWork, type Work } from '../../work.ts';

interface MakeOptions extends DeviceOptions, ParallelTrainingOptions {
  readonly seeds: number;
  readonly out?: string;
  readonly dataset: string;
  readonly seed: string;
}

/** More networks than anybody trains all of. */
const MOST_NETWORKS = 100_000;

export function addMake(bench: Command): void {
  const make = bench
    .command('make')
    .description(
      'Train every network of a small space and write the benchmark; what is trained is kept at once',
    )
    .argument('<space>', 'name or file')
    .option('--seeds <count>', 'trainings of each network', positiveInteger, 3)
    .option('--out <file>', 'the benchmark (default: SPACE.bench.json)')
    .option('--dataset <name>', 'cifar10, folder:PATH or idx:PATH', 'cifar10')
    .option('--seed <text>', 'begins all trainings', '1');
  addDeviceOptions(addParallelTrainingOptions(addTrainerOptions(make)))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
After an interruption the same command goes on where it stopped.

Example:
  $ nas bench make nas-bench-macro --seeds 3 --out macro.json`,
    )
    .action((space: string, options: MakeOptions, command: Command) =>
      makeBenchmark(space, options, wantsJson(command)),
    );
}

async function makeBenchmark(nameOrFile: string, options: MakeOptions, json: boolean): Promise<void> {
  const { space } = readSpace(nameOrFile);
  const proxy = requireProxy(space);
  requireTable(space);
  const config = trainerConfigOf(options);
  const { seeds, seed, workers } = options;
  const out = options.out ?? `${space.name}.bench.json`;
  await doWork(async (work) => {
    const table = await withDevice(options, work, async (device) => {
      const prepared = await prepareTable(device, kernelsOfSpace(space), calibrationNetworks([space]), work);
      return prepared.table;
    });
    const dataset = await prepareDataset(options.dataset, proxy, seed, work);
    const genotypes = [...everyGenotype(space.decisions)];
    const trainer = await openTrainer(config, { dataset, workers, signal: work.signal });
    // All once before any twice.
    const planned = Array.from({ length: seeds }, (_, repetition) =>
      genotypes.map((genotype, index) => {
        const key = keyOf(index, repetition);
        const { training } = proxyTraining(space, proxy, genotype, dataset);
        return { key, request: { ...training, seed: `${seed}/network ${key}` } };
      }),
    ).flat();
    const digest = digestOf({
      ...{
        space: space.digest,
        dataset: dataset.digest,
        trainer: trainer.digest,
        recipe: proxy.recipe,
        seed,
      },
    });
    let log: TrainingJournalFile;
    let trainings: ReadonlyMap<string, Trained>;
    try {
      log = openTrainingJournal(`${out}.trainings`, digest);
      trainings = await trainPlanned(planned, trainer, log, work);
    } finally {
      work.progress.clear();
      await trainer.close();
    }
    const accuracies = genotypes.map((_, index) =>
      Array.from({ length: seeds }, (_, i) => trainings.get(keyOf(index, i))?.accuracy ?? Number.NaN),
    );
    const costs = genotypes.map(deployedCosts(space, table));
    const document = {
      name: space.name,
      vars: space.decisions.map(({ options: choices }) => choices.length),
      ops: optionNames(space.decisions),
      index: 'mixed radix, first var most significant',
      acc: accuracies.map((each) => rounded(mean([...each]))),
      acc_seeds: Array.from({ length: seeds }, (_, i) => accuracies.map((each) => rounded(each[i] ?? 0))),
      latency_ms: costs.map(({ latencyMs }) => rounded(latencyMs)),
      flops_m: costs.map(({ macs }) => macs / 1e6),
      params_m: costs.map(({ params }) => params / 1e6),
      decisions: space.decisions.map(({ name, options: choices }) => ({ name, options: choices })),
      provenance: {
        made: systemClock.timestamp(),
        nasVersion: VERSION,
        ...{ spaceDigest: space.digest, datasetDigest: dataset.digest, trainerDigest: trainer.digest },
        ...{ dataset: dataset.name, trainer: trainer.name, proxy, seed },
        cpuSeconds: Math.round([...trainings.values()].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)),
        latency: table.provenance,
      },
    };
    writeWholeFile(out, `${JSON.stringify(document)}\n`);
    log.remove();
    const summary = { file: out, networks: genotypes.length, trainings: trainings.size };
    if (json) printJson(summary);
    else print(`${out}: ${genotypes.length} networks, each trained ${seeds} times`);
  });
}

/** Trains all that is planned and not logged yet. Where some failed, throws the first one's error at the end. */
async function trainPlanned(
  planned: readonly PlannedTraining[],
  trainer: Trainer,
  log: TrainingJournalFile,
  work: Work,
): Promise<ReadonlyMap<string, Trained>> {
  const trainings = new Map<string, Trained>();
  const failures: { readonly key: string; readonly error: NasError }[] = [];
  const show = progressOf(planned.length, log.trainings.size, work);
  for await (const ended of trainAll(planned, trainer, log, work.signal)) {
    if ('error' in ended) failures.push(ended);
    else trainings.set(ended.key, ended);
    if (!log.trainings.has(ended.key)) show(trainings.size);
  }
  const [first] = failures;
  if (first === undefined) return trainings;
  throw new NasError(`network ${first.key}`, {
    found: `${failures.length} of ${planned.length} trainings failed, the first because ${first.error.message}`,
    next: 'the same command tries them again; what was trained is kept',
    cause: first.error,
  });
}

/** A training of a network among the others. */
const keyOf = (index: number, repetition: number): string => `${index}/${repetition}`;

/** A table has a place for each combination of options, so all of them must be networks, and not too many. */
function requireTable({ name, decisions, size }: SearchSpace): void {
  const conditional = decisions.find(({ places }) => places.every(({ conditions }) => conditions.length > 0));
  if (conditional !== undefined) {
    throw new NasError(name, {
      found: `${conditional.name} exists only where another choice is made`,
      expected: 'a space in which every decision is always made',
      next: 'spell the choice out: one option for each combination',
    });
  }
  if (size <= MOST_NETWORKS && decisions.length > 0) return;
  throw new NasError(name, {
    found: decisions.length === 0 ? 'one network, with nothing to choose' : `${size.toPrecision(2)} networks`,
    expected: `a space of up to ${MOST_NETWORKS.toLocaleString('en')} networks: all of them are trained`,
  });
}

/** The options' names where all decisions have the same, their numbers otherwise. */
function optionNames(decisions: readonly Decision[]): readonly string[] {
  const [first, ...others] = decisions.map(({ options }) => JSON.stringify(options));
  const longest = Math.max(...decisions.map(({ options }) => options.length));
  if (others.every((options) => options === first)) {
    return (decisions[0]?.options ?? []).map((option) =>
      option !== null && typeof option === 'object' ? JSON.stringify(option) : String(option),
    );
  }
  return Array.from({ length: longest }, (_, i) => `option ${i}`);
}

/** Six decimals: more say nothing and fill the file. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}

/** Tells of each hundredth, and of every training on a terminal. */
function progressOf(total: number, before: number, { progress, nowMs }: Work): (done: number) => void {
  const startMs = nowMs();
  return (done) => {
    const elapsed = (nowMs() - startMs) / 1000;
    const left = secondsLeft((done - before) / (total - before), elapsed) ?? 0;
    const status = `${done}/${total} trainings, ${formatDuration(left)} left`;
    if (done === total || done % Math.ceil(total / 100) === 0) progress.line(`bench    ${status}`);
    progress.live(`${bar(done / total)} ${status}`);
  };
}
