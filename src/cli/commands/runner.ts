import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { NasError } from '../../base/errors.ts';
import { formatCount, formatDuration } from '../../base/units.ts';
import { cacheFolder } from '../../datasets/cache-folder.ts';
import { buildRunner } from '../../devices/runtimes/xnnpack/build-runner.ts';
import { runnerCode } from '../../devices/runtimes/xnnpack/runner-code.ts';
import { type BuiltRunner, listRunners } from '../../devices/runtimes/xnnpack/runner-store.ts';
import { hostTarget, TARGETS, type Target } from '../../devices/runtimes/xnnpack/targets.ts';
import { bar, type Progress, secondsLeft } from '../../report/progress.ts';
import { textTable } from '../../report/text-table.ts';
import { positiveInteger } from '../option-values.ts';
import { print, printJson } from '../output.ts';
import { doWork } from '../work.ts';

interface BuildCommandOptions {
  readonly target?: Target;
  readonly sources?: string;
  readonly jobs: number;
}

export function addRunner(program: Command): void {
  const runner = program
    .command('runner')
    .description(
      'The programs that measure on XNNPACK, here and on phones: which are built, and building them',
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ nas runner\n  $ nas runner build --target linux-arm64')
    .action(({ json }: { readonly json?: true }) => list(json === true));
  runner
    .command('build')
    .description('Build a runner from the sources of XNNPACK, which are fetched where they are not given')
    .addOption(
      new Option('--target <system>', 'what it is to run on; this machine unless given').choices(TARGETS),
    )
    .option('--sources <folder>', 'a folder with the sources, as archives or unpacked')
    .option('--jobs <n>', 'compilers at the same time', positiveInteger, availableParallelism())
    .addHelpText('after', '\nExample:\n  $ nas runner build')
    .action(async (options: BuildCommandOptions, command: Command) =>
      build(options, command.optsWithGlobals<{ json?: true }>().json === true),
    );
}

async function list(json: boolean): Promise<void> {
  const { digest } = await runnerCode();
  const runners = (await listRunners(cacheFolder())).map((runner) => ({
    ...summaryOf(runner),
    current: runner.code === digest,
  }));
  if (json) return printJson(runners);
  if (runners.length === 0) return print('no runner has been built yet: nas runner build');
  print(
    textTable(runners, [
      { title: 'target', cell: ({ target }) => target },
      { title: 'xnnpack', cell: ({ runtimeVersion }) => runtimeVersion },
      { title: 'digest', cell: ({ digest: own }) => own },
      { title: 'size', align: 'right', cell: ({ bytes }) => `${formatCount(bytes)}B` },
      { title: 'state', cell: ({ current }) => (current ? 'current' : 'outdated: nas runner build') },
      { title: 'path', cell: ({ path }) => path },
    ]),
  );
}

async function build(
  { target = hostTarget(), sources, jobs }: BuildCommandOptions,
  json: boolean,
): Promise<void> {
  if (target === undefined) {
    throw new NasError('nas runner build', {
      found: `this machine is ${process.platform}-${process.arch}`,
      expected: TARGETS.join(', '),
      next: 'name the system it is to run on: nas runner build --target android-arm64',
    });
  }
  await doWork(async ({ progress, signal, nowMs }) => {
    const startMs = nowMs();
    const report = createBuildProgress(progress, nowMs);
    const runner = await buildRunner({ target, cache: cacheFolder(), sources, jobs }, { report, signal });
    const seconds = (nowMs() - startMs) / 1000;
    progress.clear();
    if (json) return printJson({ ...summaryOf(runner), reused: runner.reused, seconds });
    progress.line(runner.reused ? 'it is built already' : `built in ${formatDuration(seconds)}`);
    print(runner.path);
  });
}

function summaryOf({ target, runtime, runtimeVersion, digest, bytes, path }: BuiltRunner) {
  return { target, runtime, runtimeVersion, digest, bytes, path };
}

/** A line for every part of the work and every tenth of a long one; on a terminal a bar as well. */
function createBuildProgress(
  progress: Progress,
  nowMs: () => number,
): (doing: string, fraction?: number) => void {
  let part = '';
  let tenth = 0;
  let startMs = 0;
  return (doing, fraction) => {
    const name = doing.replace(/ \(.*\)$/, '');
    if (name !== part) {
      part = name;
      tenth = 0;
      startMs = nowMs();
      progress.line(name);
    }
    if (fraction === undefined) return progress.live(doing);
    const left = secondsLeft(fraction, (nowMs() - startMs) / 1000);
    const rest = left === undefined ? '' : `, ${formatDuration(left)} left`;
    progress.live(`${bar(fraction)} ${doing} ${Math.round(100 * fraction)}%${rest}`);
    const reached = Math.floor(10 * fraction);
    if (reached > tenth && !process.stderr.isTTY) progress.line(`${doing} ${10 * reached}%${rest}`);
    tenth = Math.max(tenth, reached);
  };
}
