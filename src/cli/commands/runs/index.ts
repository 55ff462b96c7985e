import type { Command } from 'commander';
import { addCompare } from './compare.ts';
import { listRuns } from './list.ts';

export function addRuns(program: Command): void {
  const runs = program
    .command('runs')
    .description('The stored runs, newest first; two or more of them compared')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ nas runs\n  $ nas runs compare r1 r2')
    .action(({ json }: { readonly json?: true }) => listRuns(json === true));
  addCompare(runs);
}
