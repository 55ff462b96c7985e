import type { Command } from 'commander';
import { NasError } from '../../../base/errors.ts';
import { parseDurationMs } from '../../../base/units.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { readRuns } from '../../read-runs.ts';

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
  { target, device, anyway }: CompareOptions,
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
  const { comparedRuns } = await import('../../compared-runs.ts');
  const { comparisonDocument, comparisonReport } = await import('../../../report/run-comparison.ts');
  const targetsMs = target?.map((text) => parseDurationMs(text, '--target'));
  const comparison = readRuns((store) =>
    comparedRuns(store, ids, { targetsMs, device, anyway: anyway === true }),
  );
  if (json) printJson(comparisonDocument(comparison));
  else print(comparisonReport(comparison));
}
