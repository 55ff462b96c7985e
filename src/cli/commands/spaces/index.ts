import type { Command } from 'commander';
import { addCheck } from './check.ts';
import { addEncode } from './encode.ts';
import { listSpaces } from './list.ts';
import { addSample } from './sample.ts';
import { addSchema } from './schema.ts';
import { addShow } from './show.ts';
import { addValidate } from './validate.ts';

export function addSpaces(program: Command): void {
  const spaces = program
    .command('spaces')
    .description('The spaces that come with the program, and what can be asked of a space')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ nas spaces\n  $ nas spaces show mobile')
    .action(({ json }: { readonly json?: true }) => listSpaces(json === true));
  for (const add of [addShow, addValidate, addSample, addEncode, addSchema, addCheck]) add(spaces);
}
