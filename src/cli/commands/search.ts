import { type Command, Option } from 'commander';
import { NasError } from '../../base/errors.ts';
import { parseDurationMs } from '../../base/units.ts';
import { REWARD_NAMES, type RewardName } from '../../objective/reward.ts';
import { STRATEGIES, type StrategyName } from '../../strategies/index.ts';
import { addDeviceOptions, type DeviceOptions } from '../device-options.ts';
import { anyNumber, atLeastOne, positiveInteger } from '../option-values.ts';
import type { RunConfig } from '../run-config.ts';
import { runSearch } from '../run-search.ts';

interface SearchOptions extends DeviceOptions {
  readonly target?: string;
  readonly space: string;
  readonly trials: number;
  readonly batch: number;
  readonly strategy: StrategyName;
  readonly reward: RewardName;
  readonly alpha?: number;
  readonly beta?: number;
  readonly latencyLimit: number;
  readonly dataset: string;
  readonly seed: string;
  readonly workers?: number;
  readonly resume?: string | true;
  readonly json?: true;
}

export function addSearch(program: Command): void {
  const search = program
    .command('search')
    .description('Find the most accurate network within a latency budget')
    .option('--target <duration>', 'latency of one image that the network must meet, such as 15ms')
    .option('--space <name or file>', 'networks to choose from; nas spaces lists them', 'mobile')
    .option('--trials <count>', 'networks to train', positiveInteger, 40)
    .option('--batch <count>', 'networks to propose at once, before the strategy learns', positiveInteger, 8)
    .addOption(
      new Option('--strategy <name>', 'what proposes networks')
        .choices(Object.keys(STRATEGIES))
        .default('ppo'),
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
    .option('--dataset <name>', 'cifar10, folder:PATH or idx:PATH', 'cifar10')
    .option('--seed <text>', 'the same seed gives the same trials', '1')
    .option('--workers <count>', 'networks to train at once (default: one a core)', positiveInteger)
    .option('--resume [run]', 'go on with a run that was interrupted (default: the newest)');
  addDeviceOptions(search)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Without a phone the latencies are those of this machine, with XNNPACK on one thread.

Examples:
  $ nas search --target 15ms
  $ nas search --target 8ms --space mobilenet-v3 --trials 100 --seed 2
  $ nas search --resume`,
    )
    .action(async (options: SearchOptions, command: Command) => {
      const request =
        options.resume === undefined
          ? { config: configOf(options) }
          : { resume: resumeOf(options.resume, command) };
      process.exitCode = await runSearch(request, { workers: options.workers, json: options.json === true });
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
  const { space, trials, batch, strategy, dataset, seed, latencyLimit, alpha, beta } = options;
  const { device, runtime, benchmarkModel, dtype, threads, core } = options;
  return {
    space,
    device: { device, runtime, benchmarkModel, dtype, threads, core },
    targetMs: parseDurationMs(options.target, '--target'),
    reward: {
      name: options.reward,
      ...(alpha === undefined ? {} : { alpha }),
      ...(beta === undefined ? {} : { beta }),
    },
    latencyLimit,
    strategy,
    trials,
    batch,
    dataset,
    seed,
  };
}

/** The run to go on with; everything else about it was decided when it began. */
function resumeOf(resume: string | true, command: Command): string | undefined {
  const changed = command.options
    .map((option) => option.attributeName())
    .find(
      (name) => !['resume', 'workers', 'json'].includes(name) && command.getOptionValueSource(name) === 'cli',
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
