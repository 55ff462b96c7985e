import type { Command } from 'commander';
import { formatDuration } from '../../base/units.ts';
import { checkPredictions } from '../../flows/check-predictions.ts';
import { distinctKernels } from '../../graph/fusion.ts';
import { predictionSummary, predictionTable } from '../../report/prediction-table.ts';
import { kernelsOfSpace } from '../../space/kernels.ts';
import { buildGraph } from '../../space/network.ts';
import { calibrationNetworks, randomNetworks } from '../calibration-networks.ts';
import { addDeviceOptions, type DeviceOptions, withDevice } from '../device-options.ts';
import { resolveNetwork } from '../networks.ts';
import { positiveInteger } from '../option-values.ts';
import { print, printJson } from '../output.ts';
import { prepareTable } from '../prepare.ts';
import { readSpace } from '../space-files.ts';
import { doWork } from '../work.ts';
import { writeImage } from '../write-image.ts';

interface ProfileOptions extends DeviceOptions {
  readonly space?: readonly string[];
  readonly network?: readonly string[];
  readonly check?: number | true;
  readonly plot?: string;
  readonly keepSamples?: true;
  readonly json?: true;
}

const DEFAULT_SPACE = 'mobile';
const CHECKED_PER_SPACE = 10;

export function addProfile(program: Command): void {
  const profile = program
    .command('profile')
    .description(
      'Measure the kernels of spaces and networks into the latency table of a device, and calibrate it by whole networks',
    )
    .option('--space <names...>', `spaces, by name or file (default: ${DEFAULT_SPACE})`)
    .option('--network <names...>', 'networks, by name, file or RUN/TRIAL')
    .option(
      '--check [count]',
      `then predict and measure networks that the calibration has not seen: so many random ones a space (${CHECKED_PER_SPACE}), and those named`,
      positiveInteger,
    )
    .option('--keep-samples', 'append every sample, the disturbed ones too, to a file beside the table')
    .option('--plot <file>', 'draw the check, predicted over measured, as .svg or .png');
  addDeviceOptions(profile)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ nas profile --space mobile --network mobilenet-v2 --check')
    .action((options: ProfileOptions) => runProfile(options));
}

function runProfile(options: ProfileOptions): Promise<void> {
  return doWork(async (work) => {
    const { network: named = [], json } = options;
    const spaceNames = options.space ?? (named.length === 0 ? [DEFAULT_SPACE] : []);
    const spaces = spaceNames.map((name) => readSpace(name).space);
    const networks = [...new Set(named)].map((name) => ({ name, graph: buildGraph(resolveNetwork(name)) }));
    const kernels = new Map(
      [...spaces.flatMap(kernelsOfSpace), ...distinctKernels(networks.map(({ graph }) => graph))].map(
        (kernel) => [kernel.signature, kernel],
      ),
    );
    const startMs = work.nowMs();
    await withDevice(options, work, async (device) => {
      const calibrating = spaces.length === 0 ? networks : calibrationNetworks(spaces);
      const prepared = await prepareTable(device, [...kernels.values()], calibrating, work, {
        keepSamples: options.keepSamples,
      });
      const checked = options.check === true ? CHECKED_PER_SPACE : (options.check ?? 0);
      const unseen =
        checked === 0 || spaces.length === 0
          ? []
          : [...networks, ...spaces.flatMap((space) => randomNetworks(space, checked, 'check'))];
      const predictions = [];
      for await (const prediction of checkPredictions(unseen, prepared.table, device, work.signal)) {
        predictions.push(prediction);
        work.progress.live(`checking ${predictions.length}/${unseen.length}: ${prediction.name}`);
      }
      work.progress.clear();
      const order = new Map(unseen.map(({ name }, index) => [name, index]));
      predictions.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
      const seconds = (work.nowMs() - startMs) / 1000;
      const { path: table, measured, reused } = prepared;
      const check = predictions.length === 0 ? null : { ...predictionSummary(predictions), predictions };
      if (options.plot !== undefined && check !== null) {
        const { device: name, runtime, dtype } = device.provenance;
        // The plotting library takes longer to load than most commands take.
        const { predictionPlot } = await import('../../report/prediction-plot.ts');
        await writeImage(options.plot, predictionPlot(predictions, `${name}, ${runtime}, ${dtype}`));
      }
      if (json) return printJson({ table, kernels: kernels.size, measured, reused, seconds, check });
      if (check !== null) {
        print(predictionTable(predictions));
        print('');
        const { networks: count, mape, within5, within10 } = check;
        print(
          `${count} networks the calibration has not seen: mean error ${mape.toFixed(1)} %, ` +
            `${within5.toFixed(0)} % of them within ±5 %, ${within10.toFixed(0)} % within ±10 %`,
        );
      }
      print(
        `${table}: ${kernels.size} kernels, ${measured} of them measured now, in ${formatDuration(seconds)}`,
      );
    });
  });
}
