import type { Command } from 'commander';
import { wantsJson } from '../../output.ts';
import type { CompareOptions } from './compare-runs.ts';

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
    .action(async (ids: readonly string[], options: CompareOptions, command: Command) => {
      // nas runs, which is to answer at once, need not wait for what only this needs.
      const { compareRuns } = await import('./compare-runs.ts');
      compareRuns(ids, options, wantsJson(command));
    });
}
