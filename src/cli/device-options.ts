import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { NasError } from '../base/errors.ts';
import { cacheFolder } from '../datasets/cache-folder.ts';
import { openBrowserDevice } from '../devices/browser-device.ts';
import type { Device } from '../devices/device.ts';
import { openDevice, RUNTIMES, type RuntimeName } from '../devices/open-device.ts';
import { DTYPES, type Dtype } from '../devices/runner-protocol.ts';
import { resolveBinary } from '../devices/runtimes/tflite/benchmark-binary.ts';
import { browserPageNamed, inviteBrowser } from './browser-page.ts';
import { positiveInteger, wholeNumber } from './option-values.ts';
import { offeredDevice, openQueuedDevice } from './queued-device.ts';
import { VERSION } from './version.ts';
import type { Work } from './work.ts';

/** The options with which a user names a device and how to run on it. */
export interface DeviceOptions {
  readonly device: string;
  readonly runtime?: RuntimeName | undefined;
  /** An absolute path, or `device:PATH`. */
  readonly benchmarkModel?: string | undefined;
  readonly dtype: Dtype;
  readonly threads: number;
  readonly core?: number | undefined;
}

const DEVICES =
  'local, adb, adb:SERIAL, adb:HOST:PORT, ssh:USER@HOST, browser, browser:lan or browser:adb:SERIAL';

/** With `several` the option may be given more than once, and its value is a list. */
export function addDeviceOptions(command: Command, { several = false } = {}): Command {
  const device = several
    ? new Option('--device <name>', `${DEVICES}; may be given several times (default: local)`).argParser(
        (name: string, before: readonly string[] | undefined) => [...(before ?? []), name],
      )
    : new Option('--device <name>', DEVICES).default('local');
  return command
    .addOption(device)
    .addOption(
      new Option(
        '--runtime <name>',
        'what runs the network (default: xnnpack; here where nas runner build made one, litert elsewhere)',
      ).choices(RUNTIMES),
    )
    .option(
      '--benchmark-model <path>',
      'for --runtime tflite: your benchmark_model of TensorFlow Lite or LiteRT, which is put on the device; device:PATH is there already',
      (path) => resolveBinary(path, resolve),
    )
    .addOption(
      new Option('--dtype <format>', 'of weights and activations').choices(DTYPES).default('float32'),
    )
    .option('--threads <count>', 'threads of the runtime', positiveInteger, 1)
    .option('--core <index>', 'stay on this core (default: the fastest, with one thread)', wholeNumber);
}

/** Opens the device, lets it be used, and closes it whatever happens. */
export async function withDevice<Result>(
  options: DeviceOptions,
  work: Pick<Work, 'progress' | 'signal' | 'queue'>,
  use: (device: Device) => Promise<Result>,
): Promise<Result> {
  const device = await openNamedDevice(options, work);
  try {
    return await use(device);
  } finally {
    await device.close();
  }
}

/** The device that options name, which its user closes. */
export async function openNamedDevice(
  options: DeviceOptions,
  { progress, signal, queue }: Pick<Work, 'progress' | 'signal' | 'queue'>,
): Promise<Device> {
  const { device: name, runtime, benchmarkModel, dtype, threads, core } = options;
  const offered = queue && offeredDevice(queue, name);
  if (queue !== undefined && offered !== undefined) return openQueuedDevice(queue, offered, options, signal);
  const page = browserPageNamed(name);
  if (page === undefined) {
    const nasVersion = VERSION;
    return openDevice({
      name,
      runtime,
      benchmarkModel,
      dtype,
      threads,
      core,
      cache: cacheFolder(),
      nasVersion,
    });
  }
  const isForeign = runtime === 'xnnpack' || runtime === 'tflite';
  if (isForeign || benchmarkModel !== undefined || threads !== 1 || core !== undefined) {
    const option =
      benchmarkModel !== undefined ? '--benchmark-model' : threads !== 1 ? '--threads' : '--core';
    throw new NasError(isForeign ? '--runtime' : option, {
      found: 'an option that a browser does not have',
      expected: 'litert or litert-webgpu, on one thread of its own',
    });
  }
  const transport = await inviteBrowser(page, progress.line);
  return openBrowserDevice({ transport, runtime, dtype, nasVersion: VERSION, signal });
}
