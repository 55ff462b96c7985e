import type { Command } from 'commander';
import { formatMs, formatPercent } from '../../base/units.ts';
import { readTable } from '../../devices/table-file.ts';
import { distinctKernels } from '../../graph/fusion.ts';
import type { Graph } from '../../graph/graph.ts';
import { estimateLatency, type LatencyEstimate } from '../../latency/estimate.ts';
import { importOriginOf, type LatencyTable } from '../../latency/table.ts';
import { originNote, runtimeNote } from '../../report/provenance-note.ts';
import { textTable } from '../../report/text-table.ts';
import { buildGraph } from '../../space/network.ts';
import { addDeviceOptions, type DeviceOptions, withDevice } from '../device-options.ts';
import { resolveNetwork } from '../networks.ts';
import { positiveInteger, positiveNumber } from '../option-values.ts';
import { print, printJson } from '../output.ts';
import { prepareTable } from '../prepare.ts';
import { doWork } from '../work.ts';

interface EstimateOptions extends DeviceOptions {
  readonly table?: string;
  readonly interpolate?: true;
  readonly width: number;
  readonly resolution?: number;
  readonly json?: true;
}

export function addEstimate(program: Command): void {
  const estimate = program
    .command('estimate')
    .description('What a latency table says of a network; kernels it lacks are measured on the device')
    .argument('<network>', 'name of a network, file, or RUN/TRIAL')
    .option('--table <file>', 'only look into this table, without its device')
    .option('--interpolate', 'where the table lacks a width, interpolate between those it has')
    .option('--width <multiplier>', 'multiply every number of channels', positiveNumber, 1)
    .option('--resolution <pixels>', 'rows and columns of the input', positiveInteger);
  addDeviceOptions(estimate)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ nas estimate mobilenet-v2\n  $ nas estimate mobilenet-v2 --table latency-tables/my-phone/xnnpack.json',
    )
    .action(async (network: string, options: EstimateOptions) => {
      const { width, resolution, interpolate = false } = options;
      const graph = buildGraph(resolveNetwork(network), { width, resolution });
      const table = options.table === undefined ? await measured(graph, options) : readTable(options.table);
      const found = estimateLatency(graph, table, { interpolate });
      if (options.json) {
        const { latencyMs, intervalMs = null, kernels, interpolated } = found;
        printJson({ latencyMs, intervalMs, kernels, interpolated });
        return;
      }
      print(estimateReport(network, found, table));
    });
}

/** The table of the device, with all kernels of the network in it. */
function measured(graph: Graph, options: DeviceOptions): Promise<LatencyTable> {
  return doWork((work) =>
    withDevice(
      options,
      work,
      async (device) => (await prepareTable(device, distinctKernels([graph]), [], work)).table,
    ),
  );
}

const SLOWEST_SHOWN = 15;

function estimateReport(
  network: string,
  { latencyMs, intervalMs, kernels, interpolated }: LatencyEstimate,
  { provenance }: LatencyTable,
): string {
  const { device, dtype, threads } = provenance;
  const origin = importOriginOf(provenance) === undefined ? '' : `; ${originNote(provenance)}`;
  const sumMs = kernels.reduce((sum, { ms }) => sum + ms, 0);
  const slowest = [...kernels].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN);
  const interval =
    intervalMs === undefined
      ? 'without an interval: the table is not calibrated'
      : `nine of ten within ${intervalMs.map(formatMs).join(' to ')}`;
  return [
    textTable(slowest, [
      { title: 'time', align: 'right', cell: ({ ms }) => formatMs(ms) },
      { title: 'share', align: 'right', cell: ({ ms }) => formatPercent(ms / sumMs) },
      { title: 'count', align: 'right', cell: ({ count }) => String(count) },
      {
        title: `kernel (the slowest of ${kernels.length})`,
        cell: ({ signature }) =>
          interpolated.includes(signature) ? `${signature}  (interpolated)` : signature,
      },
    ]),
    '',
    ...(interpolated.length === 0
      ? []
      : [
          `${interpolated.length} of ${kernels.length} kernels are not measured but interpolated over their widths`,
        ]),
    `${network}: ${formatMs(latencyMs)} estimated, ${interval} ` +
      `(${device}, ${runtimeNote(provenance)}, ${dtype}, ${threads} thread${threads === 1 ? '' : 's'}${origin})`,
  ].join('\n');
}
