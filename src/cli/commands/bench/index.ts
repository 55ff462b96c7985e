import type { Command } from 'commander';
import { addMake } from './make.ts';
import { addRun } from './run.ts';

export function addBench(program: Command): void {
  const bench = program
    .command('bench')
    .description('Strategies against a space of which every network was trained');
  // What stands behind `make` is for it, though both have options of the same name.
  bench.enablePositionalOptions();
  addRun(bench);
  addMake(bench);
}
