import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { digestOf } from '../../../base/digest.ts';
import { NasError } from '../../../base/errors.ts';
import { formatCount, formatDuration } from '../../../base/units.ts';
import { cacheFolder } from '../../../datasets/cache-folder.ts';
import type { Dataset } from '../../../datasets/dataset.ts';
import { bar, secondsLeft } from '../../../report/progress.ts';
import { checkSpace } from '../../../space/reachable.ts';
import { openStore } from '../../../store/sqlite.ts';
import { supernetRecipe } from '../../../trainers/supernet/recipe.ts';
import type { SupernetReport, SupernetResult, SupernetTask } from '../../../trainers/supernet/start.ts';
import { trainSupernetInPytorch } from '../../../trainers/supernet/train-in-pytorch.ts';
import { trainSupernetInWorker } from '../../../trainers/supernet/train-supernet.ts';
import { Interrupted } from '../../exit.ts';
import { DATABASE, WEIGHTS } from '../../folders.ts';
import { positiveInteger } from '../../option-values.ts';
import { print, printJson } from '../../output.ts';
import { prepareDataset } from '../../prepare.ts';
import { readSpace, requireProxy } from '../../space-files.ts';
import {
  type SupernetRecord,
  saveSupernet,
  supernetBuild,
  supernetFile,
  weightsDigest,
} from '../../supernets.ts';
import {
  addTrainerOptions,
  requireTrainer,
  type TrainerConfig,
  type TrainerOptions,
  trainerConfigOf,
} from '../../trainer-options.ts';
import { doWork, type Work } from '../../work.ts';

/** Piped, a line of progress every so many milliseconds. */
const LINE_MS = 10_000;

export function addTrain(supernet: Command): void {
  const train = supernet
    .command('train')
    .description('Train the supernet of a space at the size of its proxy, one network of it a step')
    .argument('<space>', 'name or file')
    .option('--dataset <name>', 'cifar10, folder:PATH, shards:PATH or idx:PATH', 'cifar10')
    .option(
      '--epochs <count>',
      "passes over the proxy's training images (default: 8 for each of its recipe)",
      positiveInteger,
    )
    .option(
      '--seed <text>',
      'of weights, networks, images and split; a search with the same seed can use it',
      '1',
    )
    .option('--resume', 'go on from the last checkpoint of the same supernet, which was stopped or killed');
  addTrainerOptions(train)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Then nas supernet check measures how well it ranks networks, and nas search --trainer supernet searches with it.

Examples:
  $ nas supernet train mobile
  $ nas supernet train mobile --epochs 20 --resume`,
    )
    .action(trainSupernet);
}

interface TrainOptions extends TrainerOptions {
  readonly dataset: string;
  readonly epochs?: number;
  readonly seed: string;
  readonly resume?: true;
  readonly json?: true;
}

async function trainSupernet(nameOrFile: string, options: TrainOptions): Promise<void> {
  const { space, source } = readSpace(nameOrFile);
  const proxy = requireProxy(space);
  checkSpace(space);
  const recipe = supernetRecipe(proxy.recipe, options.epochs);
  const { seed } = options;
  const trainer = supernetTrainerOf(options);
  await doWork(async (work) => {
    await requireTrainer(trainer, work);
    const dataset = await prepareDataset(options.dataset, proxy, seed, work);
    const name = digestOf({
      space: space.digest,
      dataset: dataset.digest,
      recipe,
      seed,
      trainer: trainer.name,
    }).slice(0, 16);
    const checkpoint = join('runs', 'supernets', `${name}.safetensors`);
    if (!options.resume) rmSync(checkpoint, { force: true });
    const build = supernetBuild(proxy, dataset);
    work.progress.line(`supernet ${space.name}: ${recipe.epochs} epochs of ${dataset.train.count} images`);
    const task = { ...{ space: source, build, recipe, seed, checkpoint }, weightsFolder: WEIGHTS };
    const result = await trainBy(trainer, dataset, task, work).catch((error) => {
      if (!work.signal.aborted) throw error;
      throw new Interrupted(`stopped; go on with the same command and --resume`);
    });
    work.progress.clear();
    const { params, epochLosses, cpuSeconds } = result;
    const record: SupernetRecord = {
      ...{ space: space.name, dataset: dataset.name, trainer: trainer.name, recipe, seed },
      weights: weightsDigest(result.weights),
      ...{ params, epochLosses: [...epochLosses], cpuSeconds },
    };
    const store = openStore(DATABASE);
    try {
      saveSupernet(store, space, dataset, record);
    } finally {
      store.close();
    }
    rmSync(checkpoint, { force: true });
    if (options.json) {
      printJson({ ...record, file: supernetFile(record) });
      return;
    }
    print(
      [
        `${supernetFile(record)}: ${formatCount(params)} params shared by the networks of ${space.name}, ` +
          `trained in ${formatDuration(cpuSeconds)} of processor time`,
        '',
        'next:',
        `  nas supernet check ${nameOrFile}`,
        `  nas search --trainer supernet --space ${nameOrFile} --target 15ms`,
      ].join('\n'),
    );
  });
}

/** Trains in this process's kind of worker, or in one of PyTorch. */
function trainBy(
  trainer: SupernetTrainerConfig,
  dataset: Dataset,
  task: SupernetTask,
  work: Work,
): Promise<SupernetResult> {
  const show = showProgress(work);
  if (trainer.name === 'embedded') return trainSupernetInWorker(dataset, task, show, work.signal);
  const { python, gpus, threads } = trainer;
  const [gpu] = gpus;
  const device = gpu === undefined ? 'cpu' : `cuda:${gpu}`;
  return trainSupernetInPytorch(
    dataset,
    task,
    { python, device, threads, datasetsFolder: join(cacheFolder(), 'pytorch-datasets') },
    show,
    work.signal,
  );
}

/** Those that train supernets; networks change with each step, so there is one process, and nothing to compile. */
type SupernetTrainerConfig = Exclude<TrainerConfig, { readonly name: 'supernet' }>;

function supernetTrainerOf(options: TrainOptions): SupernetTrainerConfig {
  const { trainer: asked, gpus, python, compile } = options;
  const given = {
    ...{ trainer: asked, workers: 1 },
    ...(gpus === undefined ? {} : { gpus }),
    ...(python === undefined ? {} : { python }),
    ...(compile === undefined ? {} : { compile }),
  };
  const trainer = trainerConfigOf(given);
  if (trainer.name === 'supernet') throw new RangeError('a supernet is trained by another trainer');
  if (trainer.name === 'pytorch' && trainer.gpus.length > 1) {
    throw new NasError('--gpus', {
      found: `${trainer.gpus.length} GPUs`,
      expected: 'one: each step needs the weights of the one before',
    });
  }
  if (compile) {
    throw new NasError('--compile', {
      found: 'networks to compile',
      expected: 'none: each step of a supernet trains another network',
    });
  }
  return trainer;
}

function showProgress({ progress, nowMs }: Work): (report: SupernetReport) => void {
  let startMs: number | undefined;
  let lineMs = nowMs();
  return ({ step, steps, resumedFrom, trainLoss }) => {
    if (startMs === undefined) {
      startMs = nowMs();
      if (resumedFrom > 0) progress.line(`supernet going on from step ${resumedFrom}`);
    }
    const done = (step - resumedFrom) / (steps - resumedFrom);
    const left = secondsLeft(done, (nowMs() - startMs) / 1000);
    const eta = left === undefined ? '' : `, ${formatDuration(left)} left`;
    const status = `step ${step}/${steps}, loss ${trainLoss.toFixed(3)}${eta}`;
    progress.live(`${bar(step / steps)} ${status}`);
    if (step < steps && nowMs() - lineMs < LINE_MS) return;
    progress.line(`supernet ${status}`);
    lineMs = nowMs();
  };
}
