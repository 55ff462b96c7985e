import type { Command } from 'commander';
import { NasError } from '../../../base/errors.ts';
import { encode } from '../../../space/encode.ts';
import { buildGraph } from '../../../space/network.ts';
import { resolveNetwork } from '../../networks.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { readSpace } from '../../space-files.ts';

export function addEncode(spaces: Command): void {
  spaces
    .command('encode')
    .description("Find a network in a space: its genotype, for the space's references")
    .argument('<space>', 'name or file')
    .argument('<network>', 'name of a network, file, or RUN/TRIAL')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas spaces encode mobilenet-v3 mobilenet-v3-large')
    .action((nameOrFile: string, network: string, _options: unknown, command: Command) => {
      const { space } = readSpace(nameOrFile);
      const genotype = encode(space, buildGraph(resolveNetwork(network)));
      if (genotype === undefined) {
        throw new NasError(network, {
          found: `no network of ${space.name} with the same ops`,
          expected: 'a network that the space has',
        });
      }
      if (wantsJson(command)) printJson(genotype);
      else print(`"${network}": [${genotype.join(', ')}]`);
    });
}
