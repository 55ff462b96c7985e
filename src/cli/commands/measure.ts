import type { Command } from 'commander';
import { formatMs } from '../../base/units.ts';
import { buildGraph } from '../../space/network.ts';
import { addDeviceOptions, type DeviceOptions, withDevice } from '../device-options.ts';
import { resolveNetwork } from '../networks.ts';
import { positiveInteger, positiveNumber } from '../option-values.ts';
import { print, printJson } from '../output.ts';
import { doWork } from '../work.ts';

interface MeasureOptions extends DeviceOptions {
  readonly width: number;
  readonly resolution?: number;
  readonly json?: true;
}

export function addMeasure(program: Command): void {
  const measure = program
    .command('measure')
    .description('Measure a whole network on a device')
    .argument('<network>', 'name of a network, file, or RUN/TRIAL')
    .option('--width <multiplier>', 'multiply every number of channels', positiveNumber, 1)
    .option('--resolution <pixels>', 'rows and columns of the input', positiveInteger);
  addDeviceOptions(measure)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas measure mobilenet-v3-large')
    .action((network: string, { width, resolution, json, ...options }: MeasureOptions) =>
      doWork(async ({ progress, signal }) => {
        const graph = buildGraph(resolveNetwork(network), { width, resolution });
        await withDevice(options, { progress, signal }, async (device) => {
          const latency = await device.measureNetwork(graph, { signal });
          const { device: name, runtime, runtimeVersion, dtype, threads, core } = device.provenance;
          if (json)
            return printJson({
              network,
              ...latency,
              device: name,
              runtime,
              runtimeVersion,
              dtype,
              threads,
              core,
            });
          const { medianMs, madMs, samples, rejected } = latency;
          print(
            `${network}: ${formatMs(medianMs)} ± ${formatMs(madMs)} (median of ${samples}, ${rejected} disturbed thrown away), ` +
              `${name}, ${runtime} ${runtimeVersion}, ${dtype}, ${threads} thread${threads === 1 ? '' : 's'}`,
          );
        });
      }),
    );
}
