import type { Command } from 'commander';
import { addExport } from './export.ts';
import { addImport } from './import.ts';
import { listTableFiles } from './list.ts';

export function addTables(program: Command): void {
  const tables = program
    .command('tables')
    .description('The latency tables in latency-tables/; tables of other programs, and tables for them')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ nas tables\n  $ nas tables export my-phone/xnnpack -o kernels.csv',
    )
    .action(({ json }: { readonly json?: true }) => listTableFiles(json === true));
  for (const add of [addExport, addImport]) add(tables);
}
