import { type Command, Option } from 'commander';
import { NasError } from '../../base/errors.ts';
import { parseDurationMs } from '../../base/units.ts';
import { STOPPING_RULES, type StoppingRule } from '../../flows/early-stopping.ts';
import { foreignExponent, REWARD_NAMES, type RewardConfig, type RewardName } from '../../objective/reward.ts';
import { STRATEGIES, type StrategyName } from '../../strategies/index.ts';
import type { Chain } from '../chain-config.ts';
import { addDeviceOptions, type DeviceOptions } from '../device-options.ts';
import { anyNumber, atLeastOne, positiveInteger, positiveNumber, wholeNumber } from '../option-values.ts';
import { recipeOf } from '../recipes.ts';
import type { RunConfig } from '../run-config.ts';
import { runSearch } from '../run-search.ts';
import { readSpace } from '../space-files.ts';
import {
  addParallelTrainingOptions,
  addTrainerOptions,
  type ParallelTrainingOptions,
  SEARCH_TRAINERS,
  trainerConfigOf,
} from '../trainer-options.ts';
import { addQueueOptions, type QueueOptions } from '../work-queue.ts';

interface SearchOptions extends Omit<DeviceOptions, 'device'>, ParallelTrainingOptions, QueueOptions {
  readonly device?: readonly string[];
  readonly target?: string;
  readonly space: string;
  readonly trials?: number;
  readonly time?: string;
  readonly batch: number;
  readonly async?: true;
  readonly stopEarly?: StoppingRule | 'none';
  readonly timeout?: string;
  readonly strategy: StrategyName;
  readonly reward: RewardName;
  readonly alpha?: number;
  readonly beta?: number;
  readonly latencyLimit: number;
  readonly finalists?: number;
  readonly dataset: string;
  readonly seed: string;
  readonly resume?: string | true;
  readonly takeOver?: true;
  readonly adapt?: true;
  readonly train?: true;
  readonly export?: string;
  readonly recipe: string;
  readonly epochs?: number;
  readonly resolution?: number;
  readonly strides?: number;
  readonly fromScratch?: true;
  readonly adaptStep: number;
  readonly tuneImages: number;
  readonly json?: true;
}

/** Candidates that are trained once more before one is gone on with, or before one that has inherited its accuracy is the answer. */
const FINALISTS = 4;
/** Epochs of that for each of the proxy's. */
const FINALISTS_LONGER = 4;
/** Trials of a run that is given no time either. */
const DEFAULT_TRIALS = 40;

export function addSearch(program: Command): void {
  const search = program
    .command('search')
    .description('Find the most accurate network within a latency budget')
    .option(
      '--target <durations>',
      'latency of one image that the network must meet, such as 15ms; several with commas, each with its own answer',
    )
    .option('--space <name or file>', 'networks to choose from; nas spaces lists them', 'mobile')
    .option(
      '--trials <count>',
      `networks to train (default: ${DEFAULT_TRIALS}, unless --time is given)`,
      positiveInteger,
    )
    .option('--time <duration>', 'begin no training after so long, such as 2h; over all sessions of the run')
    .option('--batch <count>', 'networks to propose at once, before the strategy learns', positiveInteger, 8)
    .addOption(
      new Option(
        '--async',
        'instead of batches: learn of each network as it ends and propose the next at once, so that no worker waits',
      ).conflicts('batch'),
    )
    .addOption(
      new Option(
        '--stop-early <rule>',
        "end trainings that fall behind at the proxy's rungs (default: halving where the space names rungs)",
      ).choices([...STOPPING_RULES, 'none']),
    )
    .option('--timeout <duration>', 'longest time of one training; a longer one counts as failed')
    .addOption(
      new Option('--strategy <name>', 'what proposes networks')
        .choices(Object.keys(STRATEGIES))
        .default('guided'),
    )
    .addOption(
      new Option('--reward <name>', 'how accuracy and latency make a score')
        .choices(REWARD_NAMES)
        .default('mnas-hard'),
    )
    .option('--alpha <number>', 'exponent of the reward up to the target', anyNumber)
    .option('--beta <number>', 'exponent (tunas-abs: weight) of the reward beyond the target', anyNumber)
    .option(
      '--latency-limit <factor>',
      'train no network slower than this many times the target',
      atLeastOne,
      1.25,
    )
    .option(
      '--finalists <count>',
      `train so many of the best candidates ${FINALISTS_LONGER} times as long and choose the answer by that ` +
        `(default: ${FINALISTS} with --adapt or --train, else none)`,
      wholeNumber,
    )
    .option('--dataset <name>', 'cifar10, folder:PATH, shards:PATH or idx:PATH', 'cifar10')
    .option('--seed <text>', 'the same seed gives the same trials', '1')
    .option('--resume [run]', 'go on with a run that was interrupted (default: the newest)')
    .option('--take-over', 'with --resume: though a process of another machine may be working on it');
  search
    .optionsGroup('Afterwards, from the network that was found to a file that the device has run:')
    .option('--adapt', 'narrow the most accurate network within --latency-limit to the target (NetAdapt)')
    .option('--train', 'train the network in full')
    .option('--export <folder>', 'write its files and a card there (default: a folder of the run)')
    .option('--recipe <name or file>', 'how to train in full; nas train --help lists them', 'cifar10')
    .option('--epochs <count>', 'of it, as many instead of those of the recipe', positiveInteger)
    .option(
      '--resolution <pixels>',
      "of it and of --adapt, rows and columns of the images (default: the dataset's, or the network's)",
      positiveInteger,
    )
    .option(
      '--strides <count>',
      'of both, of 2, that networks keep, the latest (default: so many as leave 4x4 pixels)',
      wholeNumber,
    )
    .option('--from-scratch', 'train an adapted network anew, not from the weights that it was adapted with')
    .option('--adapt-step <part>', 'of the latency that its first step cuts at least', positiveNumber, 0.01)
    .option(
      '--tune-images <count>',
      'training images that each proposal of it is tuned with',
      positiveInteger,
      10_000,
    )
    .optionsGroup('Options:');
  addQueueOptions(addParallelTrainingOptions(addTrainerOptions(search, SEARCH_TRAINERS)));
  addDeviceOptions(search, { several: true })
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Without a phone the latencies are those of this machine, with XNNPACK on one thread.

Examples:
  $ nas search --target 15ms
  $ nas search --target 8ms --space mobilenet-v3 --trials 100 --seed 2
  $ nas search --target 5ms,10ms,15ms --time 2h --async --stop-early halving
  $ nas search --target 15ms --device adb:A --device adb:B
  $ nas search --target 8ms --trainer pytorch --gpus 0,1
  $ nas search --target 8ms --trainer supernet --trials 500
  $ nas search --target 15ms --adapt --train --export out/
  $ nas search --target 15ms --queue redis://host --shared /mnt/nas --device adb:SERIAL --batch 64
  $ nas search --resume`,
    )
    .action(async (options: SearchOptions, command: Command) => {
      const request =
        options.resume === undefined
          ? { config: configOf(options) }
          : { resume: resumeOf(options.resume, command) };
      process.exitCode = await runSearch(request, {
        workers: options.workers,
        async: options.async === true,
        takeOver: options.takeOver === true,
        json: options.json === true,
        queue: options,
      });
    });
}

function configOf(options: SearchOptions): RunConfig {
  if (options.target === undefined) {
    throw new NasError('--target', {
      found: 'missing',
      expected: 'the latency that the network must meet',
      next: 'nas search --target 15ms',
    });
  }
  const { space, trials, time, batch, strategy, dataset, seed, latencyLimit, timeout } = options;
  const { device: devices = ['local'], runtime, benchmarkModel, dtype, threads, core } = options;
  const [device = 'local', ...otherDevices] = distinct(devices, '--device');
  const stopEarly = stoppingRuleOf(options);
  const targetsMs = distinct(
    options.target.split(',').map((target) => parseDurationMs(target, '--target')),
    '--target',
  );
  const chain = chainOf(options, targetsMs.length * (1 + otherDevices.length));
  return {
    space,
    device: { device, runtime, benchmarkModel, dtype, threads, core },
    otherDevices: [...otherDevices],
    targetsMs,
    reward: rewardOf(options),
    latencyLimit,
    strategy,
    ...(trials === undefined && time !== undefined ? {} : { trials: trials ?? DEFAULT_TRIALS }),
    ...(time === undefined ? {} : { timeMs: parseDurationMs(time, '--time') }),
    batch,
    ...(stopEarly === undefined ? {} : { stopEarly }),
    ...(timeout === undefined ? {} : { timeoutMs: parseDurationMs(timeout, '--timeout') }),
    dataset,
    trainer: trainerConfigOf(options),
    seed,
    ...finalistsOf(options),
    ...(chain === undefined ? {} : { chain }),
  };
}

/** A supernet's accuracies are inherited, so that its answers are trained in any case, and as the proxy does. */
function finalistsOf({ finalists, trainer, adapt, train }: SearchOptions): Pick<RunConfig, 'finalists'> {
  const isInherited = trainer === 'supernet';
  const wanted = isInherited || adapt !== undefined || train !== undefined;
  const count = finalists ?? (wanted ? FINALISTS : 0);
  if (count > 0) return { finalists: { count, longer: isInherited ? 1 : FINALISTS_LONGER } };
  if (!isInherited) return {};
  throw new NasError('--finalists', {
    found: '0, with a supernet',
    expected: 'one at least: what has inherited its accuracy is trained before it is an answer',
  });
}

/** What is to follow the search; of so many answers. */
function chainOf(options: SearchOptions, answers: number): Chain | undefined {
  const { adapt, train, export: folder, adaptStep: step, tuneImages, fromScratch } = options;
  const { resolution, strides } = options;
  if (adapt === undefined && train === undefined) {
    if (folder === undefined) return undefined;
    throw new NasError('--export', {
      found: 'no weights: a search keeps none',
      expected: '--train or --adapt beside it',
      next: 'add --train',
    });
  }
  if (answers > 1) {
    throw new NasError(adapt === undefined ? '--train' : '--adapt', {
      found: `a search with ${answers} answers`,
      expected: 'one target on one device',
      next: 'leave it away; nas adapt and nas train take each of the networks',
    });
  }
  return {
    ...(adapt === undefined ? {} : { adapt: { step, tuneImages } }),
    ...(train === undefined ? {} : { train: { from: fromScratch ? 'scratch' : 'adapted' } }),
    recipe: recipeOf(options),
    ...(resolution === undefined ? {} : { resolution }),
    ...(strides === undefined ? {} : { strides }),
    ...(folder === undefined ? {} : { folder }),
  };
}

function rewardOf({ reward: name, alpha, beta }: SearchOptions): RewardConfig {
  const reward = { name, ...(alpha === undefined ? {} : { alpha }), ...(beta === undefined ? {} : { beta }) };
  const foreign = foreignExponent(reward);
  if (foreign === undefined) return reward;
  throw new NasError(`--${foreign}`, {
    found: `a number that ${name} does not have`,
    expected: 'another --reward',
  });
}

/** As asked for; where nothing was, halving for a space that names rungs. A supernet trains nothing to be stopped. */
function stoppingRuleOf({ stopEarly, space, trainer }: SearchOptions): StoppingRule | undefined {
  if (trainer === 'supernet') {
    if (stopEarly === undefined || stopEarly === 'none') return undefined;
    throw new NasError('--stop-early', {
      found: 'a supernet, which scores a network at once',
      expected: 'a trainer that trains each network',
    });
  }
  if (stopEarly !== undefined) return stopEarly === 'none' ? undefined : stopEarly;
  return readSpace(space).space.proxy?.rungs === undefined ? undefined : 'halving';
}

/** Refuses what is named twice. */
function distinct<Value>(values: readonly Value[], option: string): Value[] {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice === undefined) return [...values];
  throw new NasError(option, { found: `${twice} twice`, expected: 'each once' });
}

/** The run to go on with; everything else about it was decided when it began. */
function resumeOf(resume: string | true, command: Command): string | undefined {
  const changed = command.options
    .map((option) => option.attributeName())
    .find(
      (name) =>
        !['resume', 'workers', 'takeOver', 'json', 'queue', 'queueCa', 'shared'].includes(name) &&
        command.getOptionValueSource(name) === 'cli',
    );
  if (changed !== undefined) {
    throw new NasError('--resume', {
      found: `--${changed} beside it`,
      expected: 'the run as it was begun',
      next: 'leave the option away, or begin a new run with it',
    });
  }
  return resume === true ? undefined : resume;
}
