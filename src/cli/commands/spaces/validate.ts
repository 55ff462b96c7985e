import type { Command } from 'commander';
import { formatPowerOfTen } from '../../../base/units.ts';
import { kernelsOfSpace } from '../../../space/kernels.ts';
import { checkSpace } from '../../../space/reachable.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { readSpace } from '../../space-files.ts';

export function addValidate(spaces: Command): void {
  spaces
    .command('validate')
    .description('Check a space: every option, and that every network of it can be built')
    .argument('<space>', 'name or file')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas spaces validate my-space.json')
    .action((nameOrFile: string, _options: unknown, command: Command) => {
      const { space } = readSpace(nameOrFile);
      checkSpace(space);
      const { name, decisions, size: networks } = space;
      const kernels = kernelsOfSpace(space).length;
      if (wantsJson(command)) return printJson({ name, decisions: decisions.length, networks, kernels });
      const built = space.proxy === undefined ? 'as deployed; it has no proxy' : 'as deployed and as proxy';
      print(
        `${space.where}: good. ${formatPowerOfTen(networks)} networks of ${decisions.length} decisions can be built ` +
          `${built}, from ${kernels} distinct kernels.`,
      );
    });
}
