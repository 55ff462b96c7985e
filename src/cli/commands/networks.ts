import type { Command } from 'commander';
import { formatCount } from '../../base/units.ts';
import { graphCost } from '../../graph/cost.ts';
import { textTable } from '../../report/text-table.ts';
import { buildGraph } from '../../space/network.ts';
import { print, printJson } from '../output.ts';
import { readSpace, shippedNames } from '../space-files.ts';

export function addNetworks(program: Command): void {
  program
    .command('networks')
    .description('The reference networks that come with the program')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas networks')
    .action(({ json }: { readonly json?: true }) => {
      const networks = shippedNames()
        .map((name) => readSpace(name).space)
        .filter((space) => space.decisions.length === 0)
        .map((space) => {
          const { name, family, paper, publishedTop1, ...rest } = space.decode([]);
          const { params, macs } = graphCost(buildGraph({ name, family, paper, ...rest }));
          return { name, family, paper, params, macs, publishedTop1: publishedTop1 ?? null };
        });
      if (json) return printJson(networks);
      print(
        textTable(networks, [
          { title: 'network', cell: ({ name }) => name },
          { title: 'family', cell: ({ family }) => family },
          { title: 'params', align: 'right', cell: ({ params }) => formatCount(params) },
          { title: 'MACs', align: 'right', cell: ({ macs }) => formatCount(macs) },
          {
            title: 'published top-1',
            align: 'right',
            cell: ({ publishedTop1 }) => (publishedTop1 === null ? '' : `${publishedTop1.toFixed(1)} %`),
          },
          { title: 'paper', cell: ({ paper }) => paper },
        ]),
      );
    });
}
