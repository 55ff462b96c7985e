import type { Command } from 'commander';
import { addCheck } from './check.ts';
import { addTrain } from './train.ts';

export function addSupernet(program: Command): void {
  const supernet = program
    .command('supernet')
    .description('One network that holds the weights of all networks of a space, to score them by')
    .addHelpText('after', '\nExamples:\n  $ nas supernet train mobile\n  $ nas supernet check mobile');
  for (const add of [addTrain, addCheck]) add(supernet);
}
