import type { Command } from 'commander';
import { NasError } from '../../../base/errors.ts';
import { parseDurationMs } from '../../../base/units.ts';
import { paretoFront } from '../../../objective/pareto.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { readRuns } from '../../read-runs.ts';
import { deviceIndex } from '../../run-devices.ts';
import { outlineOf } from '../../run-outline.ts';

interface CompareOptions {
  readonly target?: readonly string[];
  readonly device?: string;
  readonly anyway?: true;
}

export function addCompare(runs: Command): void {
  runs
    .command('compare')
    .description('Runs against each other: hypervolume, front against front, best under a target')
    .argument('<runs...>', 'two or more, such as r1 r2')
    .option(
      '--target <durations...>',
      'latencies to find the best networks under (default: those of the runs)',
    )
    .option('--device <name>', 'of runs for several devices, the one to look at (default: the first)')
    .option('--anyway', 'compare runs whose figures do not mean the same')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas runs compare r1 r2 --target 10ms 15ms')
    .action((ids: readonly string[], options: CompareOptions, command: Command) =>
      compareRuns(ids, options, wantsJson(command)),
    );
}

/** What `nas runs compare` prints. */
async function compareRuns(
  ids: readonly string[],
  { target, device: name, anyway }: CompareOptions,
  json: boolean,
): Promise<void> {
  if (new Set(ids).size < Math.max(2, ids.length)) {
    throw new NasError('nas runs compare', {
      found: ids.length < 2 ? 'one run' : 'a run twice',
      expected: 'two or more runs that differ',
      next: 'nas runs lists them',
    });
  }
  // For nas runs, which is to answer at once, neither is needed.
  const { differencesOf } = await import('../../comparable-runs.ts');
  const { comparisonDocument, comparisonReport } = await import('../../../report/run-comparison.ts');
  const comparison = readRuns((store) => {
    const stored = ids.map((id) => store.run(id));
    const devices = stored.map((run) => deviceIndex(run, name));
    const { prohibitive, notable } = differencesOf(
      stored.map((run, i) => ({ run, device: devices[i] ?? 0 })),
    );
    const [first] = prohibitive;
    if (first !== undefined && anyway !== true) {
      throw new NasError(ids.join(' and '), {
        found: first,
        expected: 'runs whose figures mean the same',
        next: 'compare them nevertheless with --anyway',
      });
    }
    const asked = target?.map((text) => parseDurationMs(text, '--target'));
    const targetsMs = asked ?? stored.flatMap(({ config }) => outlineOf(config).targetsMs);
    const distinct = [...new Set(targetsMs)].sort((a, b) => a - b);
    return {
      warnings: [...prohibitive, ...notable],
      targetsMs: distinct,
      runs: ids.map((run, i) => ({
        run,
        trials: store.trialCount(run),
        front: paretoFront(store.figures(run, devices[i])),
        best: distinct.map((targetMs) => store.bestUnder(run, targetMs, devices[i])),
      })),
    };
  });
  if (json) printJson(comparisonDocument(comparison));
  else print(comparisonReport(comparison));
}
