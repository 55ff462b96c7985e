import type { Command } from 'commander';
import { describeSpace, spaceReport } from '../../../report/space-report.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { readSpace } from '../../space-files.ts';

export function addShow(spaces: Command): void {
  spaces
    .command('show')
    .description('A space: its size, its decisions with their options, its proxy and its known networks')
    .argument('<space>', 'name or file')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas spaces show mobilenet-v3')
    .action((nameOrFile: string, _options: unknown, command: Command) => {
      const { space } = readSpace(nameOrFile);
      if (wantsJson(command)) printJson(describeSpace(space));
      else print(spaceReport(space));
    });
}
