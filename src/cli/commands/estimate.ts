import type { Command } from 'commander';
import { formatMs, formatPercent } from '../../base/units.ts';
import { readTable } from '../../devices/table-file.ts';
import { estimateLatency } from '../../latency/estimate.ts';
import { textTable } from '../../report/text-table.ts';
import { buildGraph } from '../../space/network.ts';
import { resolveNetwork } from '../networks.ts';
import { positiveInteger, positiveNumber } from '../option-values.ts';
import { print, printJson } from '../output.ts';

interface EstimateOptions {
  readonly table: string;
  readonly width: number;
  readonly resolution?: number;
  readonly json?: true;
}

const SLOWEST_SHOWN = 15;

export function addEstimate(program: Command): void {
  program
    .command('estimate')
    .description('What a latency table says of a network, without the device')
    .argument('<network>', 'name of a network, file, or RUN/TRIAL')
    .requiredOption('--table <file>', 'the latency table; nas profile makes one')
    .option('--width <multiplier>', 'multiply every number of channels', positiveNumber, 1)
    .option('--resolution <pixels>', 'rows and columns of the input', positiveInteger)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  $ nas estimate mobilenet-v2 --table latency-tables/my-phone/xnnpack.json',
    )
    .action((network: string, { table: file, width, resolution, json }: EstimateOptions) => {
      const table = readTable(file);
      const graph = buildGraph(resolveNetwork(network), { width, resolution });
      const { latencyMs, intervalMs, kernels } = estimateLatency(graph, table);
      if (json) return printJson({ latencyMs, intervalMs: intervalMs ?? null, kernels });
      const { device, runtime, runtimeVersion, dtype, threads } = table.provenance;
      const sumMs = kernels.reduce((sum, { ms }) => sum + ms, 0);
      const slowest = [...kernels].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN);
      print(
        textTable(slowest, [
          { title: 'time', align: 'right', cell: ({ ms }) => formatMs(ms) },
          { title: 'share', align: 'right', cell: ({ ms }) => formatPercent(ms / sumMs) },
          { title: 'count', align: 'right', cell: ({ count }) => String(count) },
          { title: `kernel (the slowest of ${kernels.length})`, cell: ({ signature }) => signature },
        ]),
      );
      print('');
      print(
        `${network}: ${formatMs(latencyMs)} estimated${intervalMs === undefined ? ', without an interval: the table is not calibrated' : `, nine of ten within ${intervalMs.map(formatMs).join(' to ')}`} ` +
          `(${device}, ${runtime} ${runtimeVersion}, ${dtype}, ${threads} thread${threads === 1 ? '' : 's'})`,
      );
    });
}
