import type { Command } from 'commander';
import { NasError } from '../../base/errors.ts';
import { formatMs } from '../../base/units.ts';
import { openBrowserDevice } from '../../devices/browser-device.ts';
import { describePage } from '../../devices/transports/browser/describe-page.ts';
import { GraphBuilder } from '../../graph/graph.ts';
import { addBrowserPageOptions, type BrowserPageOptions, inviteBrowser } from '../browser-page.ts';
import { print, printJson } from '../output.ts';
import { VERSION } from '../version.ts';
import { doWork } from '../work.ts';

interface PairOptions extends BrowserPageOptions {
  readonly json?: true;
}

/** `nas devices pair`: is the phone's browser fit for measuring, and does it get to us? */
export function addPair(devices: Command): void {
  const pair = devices
    .command('pair')
    .description('Serve the page that makes a browser a device, and try the browser that opens it');
  addBrowserPageOptions(pair)
    .option('--json', 'print one JSON document and end')
    .addHelpText(
      'after',
      `
The page measures in LiteRT.js, without anything to install. Only this machine reaches it, unless told otherwise.

Examples:
  $ nas devices pair --lan
  $ nas devices pair --adb R58M123ABC`,
    )
    .action((options: PairOptions) => runPair(options));
}

function runPair(options: PairOptions): Promise<void> {
  checkPlace(options);
  return doWork(async ({ progress, signal }) => {
    const transport = await inviteBrowser(options, progress.line);
    const device = await openBrowserDevice({ transport, nasVersion: VERSION, signal });
    try {
      const page = await transport.page(signal);
      const { medianMs, madMs } = await device.measureNetwork(trial(), { signal });
      const { device: name, runtime, runtimeVersion } = device.provenance;
      if (options.json) {
        const { kind: _kind, ...told } = page;
        const { operatingSystem } = describePage(page);
        return printJson({
          device: name,
          runtime,
          runtimeVersion,
          operatingSystem,
          medianMs,
          madMs,
          page: told,
        });
      }
      print(
        `${name}, ${runtime} ${runtimeVersion}: a 3x3 convolution of 32 channels at 56x56 takes ${formatMs(medianMs)} ± ${formatMs(madMs)}`,
      );
      progress.line('browser  ready: end this with Ctrl-C, then nas profile --device browser');
      // Until Ctrl-C, so that one can see that the phone stays awake.
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } finally {
      await device.close();
    }
  });
}

/** There is one way to the page at a time. */
function checkPlace({ lan, host, adb }: PairOptions): void {
  const chosen = [lan && '--lan', host !== undefined && '--host', adb !== undefined && '--adb'].filter(
    Boolean,
  );
  if (chosen.length < 2) return;
  throw new NasError('nas devices pair', { found: chosen.join(' and '), expected: 'one of them' });
}

function trial() {
  const builder = new GraphBuilder();
  return builder.build(builder.convolution(builder.input([56, 56, 32]), 32, { kernel: 3, bias: true }));
}
