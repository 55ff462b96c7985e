import { type Command, Option } from 'commander';
import { cacheFolder } from '../datasets/cache-folder.ts';
import type { Device } from '../devices/device.ts';
import { openDevice, RUNTIMES, type RuntimeName } from '../devices/open-device.ts';
import { DTYPES, type Dtype } from '../devices/runner-protocol.ts';
import { positiveInteger, wholeNumber } from './option-values.ts';
import { VERSION } from './version.ts';

/** The options with which a user names a device and how to run on it. */
export interface DeviceOptions {
  readonly runtime?: RuntimeName | undefined;
  readonly dtype: Dtype;
  readonly threads: number;
  readonly core?: number | undefined;
}

export function addDeviceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--runtime <name>',
        'what runs the network (default: xnnpack where nas runner build made one)',
      ).choices(RUNTIMES),
    )
    .addOption(
      new Option('--dtype <format>', 'of weights and activations').choices(DTYPES).default('float32'),
    )
    .option('--threads <count>', 'threads of the runtime', positiveInteger, 1)
    .option('--core <index>', 'stay on this core', wholeNumber);
}

/** Opens the device, lets it be used, and closes it whatever happens. */
export async function withDevice<Result>(
  options: DeviceOptions,
  use: (device: Device) => Promise<Result>,
): Promise<Result> {
  const { runtime, dtype, threads, core } = options;
  const device = await openDevice({
    ...{ runtime, dtype, threads, core },
    cache: cacheFolder(),
    nasVersion: VERSION,
  });
  try {
    return await use(device);
  } finally {
    await device.close();
  }
}
