import type { Command } from 'commander';
import { formatCount } from '../../base/units.ts';
import { graphCost } from '../../graph/cost.ts';
import { activationBytes } from '../../graph/fusion.ts';
import { costLayers, costTable } from '../../report/cost-table.ts';
import { buildGraph } from '../../space/network.ts';
import { resolveNetwork } from '../networks.ts';
import { positiveInteger, positiveNumber } from '../option-values.ts';
import { print, printJson } from '../output.ts';

interface CostOptions {
  readonly width: number;
  readonly resolution?: number;
  readonly json?: true;
}

export function addCost(program: Command): void {
  program
    .command('cost')
    .description('What a network costs: multiply-accumulates and parameters, layer by layer')
    .argument('<network>', 'name of a network, file, or RUN/TRIAL')
    .option('--width <multiplier>', 'multiply every number of channels', positiveNumber, 1)
    .option('--resolution <pixels>', 'rows and columns of the input', positiveInteger)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas cost mobilenet-v2 --width 0.5')
    .action((network: string, { width, resolution, json }: CostOptions) => {
      const architecture = resolveNetwork(network);
      const graph = buildGraph(architecture, { width, resolution });
      const { params, macs } = graphCost(graph);
      const layers = costLayers(graph);
      const bytes = activationBytes(graph);
      if (json) return printJson({ name: architecture.name, params, macs, activationBytes: bytes, layers });
      print(costTable(layers));
      print('');
      print(
        `${architecture.name}: ${macs} MACs (${formatCount(macs)}), ${params} params (${formatCount(params)}), ` +
          `${formatCount(bytes)}B of activations as float32`,
      );
    });
}
