import type { Command } from 'commander';
import { spaceJsonSchema } from '../../../space/json-schema.ts';
import { printJson } from '../../output.ts';

export function addSchema(spaces: Command): void {
  spaces
    .command('schema')
    .description('The JSON Schema of space files, with which editors complete and check them')
    .addHelpText('after', '\nExample:\n  $ nas spaces schema > space.schema.json')
    .action(() => printJson(spaceJsonSchema()));
}
