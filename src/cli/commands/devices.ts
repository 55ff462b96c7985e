import type { Command } from 'commander';
import { NasError } from '../../base/errors.ts';
import { describeDevice } from '../../devices/describe-device/describe-device.ts';
import { type DeviceFacts, NO_FACTS } from '../../devices/describe-device/facts.ts';
import { listPhones } from '../../devices/transports/adb/phones.ts';
import { openTransport } from '../../devices/transports/open-transport.ts';
import { textTable } from '../../report/text-table.ts';
import { printBattery, printCores, printThermal } from '../device-facts.ts';
import { print, printJson } from '../output.ts';
import { doWork } from '../work.ts';
import { addPair } from './pair.ts';

interface DevicesOptions {
  readonly device: readonly string[];
  readonly json?: true;
}

interface Listed extends DeviceFacts {
  /** What `--device` of other commands takes. */
  readonly device: string;
  /** `ready`, `unreachable`, or what adb says of a phone that cannot be used: `unauthorized`, `offline`, … */
  readonly state: string;
}

export function addDevices(program: Command): void {
  const devices = program
    .command('devices')
    .description('What can be measured on: this machine and the phones that are attached')
    .option(
      '--device <name>',
      'list this one too: ssh:USER@HOST, adb:HOST:PORT (may be repeated)',
      (name: string, before: readonly string[]) => [...before, name],
      [],
    )
    .option('--json', 'print one JSON document')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
ssh reads your own configuration, or the file in $NAS_SSH_CONFIG; adb its own variables.

Examples:
  $ nas devices
  $ nas devices --device ssh:pi@raspberry --json`,
    )
    .action((options: DevicesOptions) => doWork((work) => list(options, work.progress.line, work.signal)));
  addPair(devices);
}

async function list(
  { device: named, json }: DevicesOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const attached = await attachedPhones(say);
  const names = new Set(['local', ...attached.keys(), ...named]);
  const rows = await Promise.all(
    [...names].map((device) => look(device, attached.get(device) ?? 'device', say, signal)),
  );
  if (json) return printJson(rows);
  print(
    textTable(rows, [
      { title: 'device', cell: ({ device }) => device },
      { title: 'state', cell: ({ state }) => state },
      { title: 'model', cell: ({ model }) => model ?? '-' },
      { title: 'SoC', cell: ({ soc }) => soc ?? '-' },
      { title: 'cores', cell: ({ cores }) => printCores(cores) },
      { title: 'Android', cell: ({ androidBuild }) => androidBuild?.replace(/^Android /, '') ?? '-' },
      { title: 'battery', cell: ({ battery }) => printBattery(battery) },
      { title: 'thermal', cell: ({ thermal }) => printThermal(thermal) },
      { title: 'governor', cell: ({ governors }) => governors?.join(', ') ?? '-' },
    ]),
  );
}

/** The phones that adb knows, by name, with their state; none where there is no adb, which is told. */
async function attachedPhones(say: (line: string) => void): Promise<ReadonlyMap<string, string>> {
  try {
    return new Map((await listPhones()).map(({ serial, state }) => [`adb:${serial}`, state]));
  } catch (thrown) {
    tell(thrown, say);
    return new Map();
  }
}

async function look(
  device: string,
  state: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Listed> {
  const transport = await openTransport(device);
  try {
    return { device, state: 'ready', ...(await describeDevice(transport, signal)) };
  } catch (thrown) {
    tell(thrown, say);
    return { device, state: state === 'device' ? 'unreachable' : state, ...NO_FACTS };
  } finally {
    await transport.close();
  }
}

/** A device that cannot be used is a line of the list, and no reason to withhold the others. */
function tell(thrown: unknown, say: (line: string) => void): void {
  if (!(thrown instanceof NasError)) throw thrown;
  say(thrown.next === undefined ? thrown.message : `${thrown.message}; ${thrown.next}`);
}
