import type { Command } from 'commander';
import { NasError } from '../../../base/errors.ts';
import { addDeviceOptions } from '../../device-options.ts';
import { type ExplainOptions, explainNetwork } from './network.ts';
import { explainRules } from './rules.ts';

export function addExplain(program: Command): void {
  const explain = program
    .command('explain')
    .description('Where the milliseconds of a network go, and what each of its decisions costs')
    .argument('[network]', 'RUN/TRIAL, name of a network, or file')
    .option('--rules', "instead: ShuffleNetV2's four rules, checked against the table of the device")
    .option('--table <file>', 'only look into this table (default: that of the run; else of the device)')
    .option('--space <name or file>', 'the space that the network is of (default: that of the run)');
  addDeviceOptions(explain)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ nas explain r1/17\n  $ nas explain mobilenet-v3-large --space mobilenet-v3\n  $ nas explain --rules',
    )
    .action((network: string | undefined, options: ExplainOptions & { readonly rules?: true }) => {
      if (options.rules !== true && network !== undefined) return explainNetwork(network, options);
      const unused = network ?? options.table ?? options.space;
      if (unused !== undefined) {
        throw new NasError('nas explain', {
          found: options.rules === true ? `'${unused}' beside --rules` : 'no network',
          expected: 'a network, or --rules alone',
        });
      }
      return explainRules(options, options.json === true);
    });
}
