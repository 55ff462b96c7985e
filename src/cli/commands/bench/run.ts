import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { NasError } from '../../../base/errors.ts';
import { createRng } from '../../../base/rng.ts';
import { type BenchResult, percentile } from '../../../flows/bench.ts';
import { type BenchSummary, summarizeBench } from '../../../flows/bench-summary.ts';
import { REWARD_NAMES, type RewardName } from '../../../objective/reward.ts';
import { benchTable } from '../../../report/bench-table.ts';
import { bar } from '../../../report/progress.ts';
import { STRATEGIES, type StrategyName } from '../../../strategies/index.ts';
import { parseBenchmark } from '../../../trainers/tabular/benchmark.ts';
import { createThreadPool } from '../../../workers/threads.ts';
import type { BenchSource, BenchTask } from '../../bench-worker.ts';
import { readJsonFile } from '../../json-file.ts';
import { anyNumber, positiveInteger } from '../../option-values.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { doWork } from '../../work.ts';
import { writeImage } from '../../write-image.ts';

interface RunOptions {
  readonly cost?: string;
  readonly target: string;
  readonly reward: RewardName;
  readonly alpha?: number;
  readonly beta?: number;
  readonly strategies?: readonly StrategyName[];
  readonly budgets: readonly number[];
  readonly seeds: number;
  readonly batch: number;
  readonly space?: string;
  readonly workers: number;
  readonly plot?: string;
}

/** Compiled, wherever this module runs from: workers cannot run TypeScript on every Node we support. */
const WORKER_FILE = new URL('../../../../dist/cli/bench-worker.js', import.meta.url);

export function addRun(bench: Command): void {
  bench
    .argument('<file>', 'a tabular benchmark: accuracies and costs of all networks of a space')
    .option('--cost <column>', 'the column that stands for latency')
    .option('--target <value>', "in the column's unit, or a percentile of it: median, p25", 'median')
    .addOption(
      new Option('--reward <name>', 'how accuracy and cost make a score')
        .choices(REWARD_NAMES)
        .default('mnas-hard'),
    )
    .option('--alpha <number>', 'exponent of the reward up to the target', anyNumber)
    .option('--beta <number>', 'exponent (tunas-abs: weight) of the reward beyond the target', anyNumber)
    .option('--strategies <names>', 'separated by commas (default: all)', strategyNames)
    .option('--budgets <counts>', 'trials after which to look', rising, [50, 100, 200, 500])
    .option('--seeds <count>', 'searches of each strategy', positiveInteger, 20)
    .option('--batch <count>', 'networks to propose at once, before the strategy learns', positiveInteger, 1)
    .option('--space <name or file>', 'the space of the benchmark: tells which networks compute the same')
    .option('--workers <count>', 'searches at once', positiveInteger, availableParallelism())
    .option('--plot <file>', 'draw regret and hypervolume as .svg or .png')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Regret is that of the best network so far, in percent of the best reward of the space; the hypervolume is that of all
networks tried so far, as a part of the whole space's. Both with the interval in which the mean lies with 95 %.

Examples:
  $ nas bench table.json --cost latency_ms
  $ nas bench table.json --cost flops_m --target 55 --reward mnas --strategies guided,evolution --seeds 50
  $ nas bench make small --seeds 3 --out table.json`,
    )
    .action((file: string, options: RunOptions, command: Command) =>
      runBench(file, options, wantsJson(command)),
    );
}

const STRATEGY_NAMES = Object.keys(STRATEGIES) as StrategyName[];

function strategyNames(text: string): readonly StrategyName[] {
  return text.split(',').map((name) => {
    const known = STRATEGY_NAMES.find((strategy) => strategy === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`Allowed are ${STRATEGY_NAMES.join(', ')}.`);
    return known;
  });
}

function rising(text: string): readonly number[] {
  const counts = text.split(',').map((part) => positiveInteger(part.trim()));
  return [...new Set(counts)].sort((a, b) => a - b);
}

async function runBench(file: string, options: RunOptions, json: boolean): Promise<void> {
  const source = readJsonFile(file, 'a tabular benchmark');
  const benchmark = parseBenchmark(source, file);
  if (options.cost === undefined) {
    throw new NasError('--cost', {
      found: 'missing',
      expected: 'the column that stands for latency',
      next: `nas bench ${file} --cost latency_ms`,
    });
  }
  const {
    cost: column = '',
    reward: name,
    alpha,
    beta,
    budgets,
    batch,
    strategies = STRATEGY_NAMES,
    seeds,
    space,
    plot,
  } = options;
  const shared: BenchSource = {
    source,
    where: file,
    column,
    target: targetOf(options.target, benchmark.cost(column)),
    reward: { name, alpha, beta },
    budgets,
    batch,
    space,
  };
  const summaries = await doWork(async ({ progress, signal }) => {
    const pool = createThreadPool<BenchTask, BenchResult>({
      ...{ name: 'benchmark', file: WORKER_FILE, workers: Math.min(options.workers, seeds) },
      workerData: shared,
    });
    try {
      const done: BenchSummary[] = [];
      // Workers read the benchmark before the first searches, which are timed, begin.
      await Promise.all(Array.from({ length: pool.workers }, () => pool.run({}, { signal })));
      for (const strategy of strategies) {
        const before = process.cpuUsage();
        let finished = 0;
        const results = await Promise.all(
          Array.from({ length: seeds }, async (_, seed) => {
            const result = await pool.run({ search: { strategy, seed: `${seed + 1}` } }, { signal });
            finished++;
            progress.live(`${bar(finished / seeds)} ${strategy}: ${finished}/${seeds} searches`);
            return result;
          }),
        );
        const { user, system } = process.cpuUsage(before);
        const trials = seeds * Math.min(budgets.at(-1) ?? 0, benchmark.accuracies.length);
        const rng = createRng(`bench/${strategy}`);
        done.push(summarizeBench(strategy, budgets, results, (user + system) / 1e3 / trials, rng));
        progress.clear();
        progress.line(`bench    ${strategy}: ${seeds} searches of ${budgets.at(-1)} trials`);
      }
      return done;
    } finally {
      await pool.close();
    }
  });
  if (plot !== undefined) {
    // The plotting library takes longer to load than most commands take.
    const { benchPlot } = await import('../../../report/bench-plot.ts');
    await writeImage(plot, benchPlot(summaries, `${benchmark.name}, ${column}`));
  }
  if (json) printJson(summaries);
  else print(benchTable(summaries, budgets));
}

/** A number in the unit of the column, or a percentile of it. */
function targetOf(text: string, costs: readonly number[]): number {
  const percent = text === 'median' ? 50 : Number(/^p(\d{1,2}|100)$/.exec(text)?.[1]);
  const target = Number.isNaN(percent) ? Number(text) : percentile(costs, percent);
  if (target > 0 && Number.isFinite(target)) return target;
  throw new NasError('--target', {
    found: `'${text}'`,
    expected: "a number above 0 in the unit of the costs, 'median', or a percentile such as 'p25'",
  });
}
