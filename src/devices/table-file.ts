import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { messageOf, NasError } from '../base/errors.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import type { Calibration } from '../latency/calibration.ts';
import type { DeviceState } from '../latency/device-state.ts';
import type { MeasuringSession } from '../latency/measuring-session.ts';
import { parseTable } from '../latency/parse-table.ts';
import { printTable } from '../latency/print-table.ts';
import {
  importOriginOf,
  type KernelLatency,
  type LatencyTable,
  type Provenance,
  type TableProvenance,
} from '../latency/table.ts';

/** `<folder>/<device>/<runtime>.json`, or `<runtime>-int8-4threads.json` where it is not float32 on one thread. */
export function tablePath(
  folder: string,
  { device, runtime, dtype, threads }: Pick<Provenance, 'device' | 'runtime' | 'dtype' | 'threads'>,
): string {
  const kind = [
    runtime,
    ...(dtype === 'float32' ? [] : [dtype]),
    ...(threads === 1 ? [] : [`${threads}threads`]),
  ];
  return join(folder, device, `${kind.join('-')}.json`);
}

/** Reads a table from a file. */
export function readTable(path: string): LatencyTable {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new NasError(path, {
      found: `cannot be read (${messageOf(cause)})`,
      expected: 'a latency table',
      next: 'nas profile measures one',
      cause,
    });
  }
  return parseTable(text, path);
}

/** The files of all tables in a folder, `<device>/<runtime>.json`, in alphabetical order. */
export function listTables(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const devices = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return devices
    .flatMap(({ name }) => readdirSync(join(folder, name)).map((file) => join(folder, name, file)))
    .filter((path) => path.endsWith('.json'))
    .sort();
}

/** Writes a table that is whole, atomically: never in the place of another one, unless that is to be replaced. */
export function writeTable(path: string, table: LatencyTable, { replace }: { replace: boolean }): void {
  if (existsSync(path) && !replace) {
    throw new NasError(path, {
      found: 'a table that is there already',
      expected: 'none of this device, runtime, dtype and number of threads',
      next: 'give another --device or --runtime, or replace it with --force',
    });
  }
  save(path, table);
}

function save(path: string, table: LatencyTable): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeWholeFile(path, printTable(table));
  } catch (cause) {
    throw new NasError(path, { found: `cannot be written (${messageOf(cause)})`, cause });
  }
}

/** A table on disk that grows while it is measured. */
export interface TableFile {
  readonly path: string;
  /** As it is now, on disk too. */
  table(): LatencyTable;
  /** Adds or replaces a kernel and saves the table, atomically: a process that dies leaves a whole file. */
  add(kernel: KernelLatency): void;
  /** Keeps how whole networks differ from the sum of their kernels. */
  calibrate(calibration: Calibration): void;
  /** What comes from now on is of one session, which begins with the device in this state. Saved with what comes. */
  begin(before: DeviceState | null): void;
  /** Ends the session, with the device in this state. */
  end(after: DeviceState | null): void;
}

/**
 * Opens the table of a device, or begins one where there is none. A file that is no table, or is one of another
 * device, processor, runtime or thread count, or was imported, is refused and left as it is. Two processes may add to
 * one file, as with two phones of a model: each keeps the kernels that it finds there.
 */
export function openTableFile(path: string, provenance: Provenance, clock: Clock = systemClock): TableFile {
  let table: LatencyTable = { provenance, kernels: new Map(), calibration: undefined };
  if (existsSync(path)) {
    table = readTable(path);
    refuseImported(path, table.provenance);
    refuseForeign(path, table.provenance, provenance);
  }
  let earlier: readonly MeasuringSession[] = [];
  let session: MeasuringSession | undefined;
  let seen = stampOf(path);
  const change = (changed: Partial<LatencyTable>, kernels = 0): void => {
    const stamp = stampOf(path);
    const others = stamp === undefined || stamp === seen ? undefined : readTable(path).kernels;
    table = { ...table, ...changed };
    if (others !== undefined) table = { ...table, kernels: new Map([...others, ...table.kernels]) };
    if (session !== undefined) {
      session = { ...session, endedAt: clock.timestamp(), kernels: session.kernels + kernels };
      table = { ...table, conditions: [...earlier, session] };
    }
    save(path, table);
    seen = stampOf(path);
  };
  return {
    path,
    table: () => table,
    add: (kernel) => change({ kernels: new Map(table.kernels).set(kernel.signature, kernel) }, 1),
    calibrate: (calibration) => change({ calibration }),
    begin(before) {
      const now = clock.timestamp();
      earlier = table.conditions ?? [];
      session = { startedAt: now, endedAt: now, kernels: 0, before, after: null };
    },
    end(after) {
      if (session === undefined) return;
      session = { ...session, after };
      change({});
      session = undefined;
    },
  };
}

/** Another one means that somebody else has written the file. */
function stampOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.ino} ${stats.mtimeMs}`;
}

/** Kernels that another program measured, by its own rules, never stand beside those measured here. */
function refuseImported(path: string, provenance: TableProvenance): void {
  const origin = importOriginOf(provenance);
  if (origin === undefined) return;
  throw new NasError(path, {
    found: `a table imported from ${origin.files.map(({ name }) => name).join(', ')} (${origin.format})`,
    expected: 'one that was measured, to add measurements to',
    next: `move the file away to measure here; nas estimate NET --table ${path} goes by it as it is`,
  });
}

/** What must agree for two measurements to belong into one table. */
const SAME_IN_ONE_TABLE = [
  ...(['device', 'processor', 'runtime', 'runtimeVersion', 'dtype'] as const),
  ...(['threads', 'core', 'governor'] as const),
];

function refuseForeign(path: string, found: TableProvenance, expected: Provenance): void {
  for (const field of SAME_IN_ONE_TABLE) {
    if (found[field] !== expected[field]) {
      throw new NasError(path, {
        found: `provenance.${field} is ${JSON.stringify(found[field])}`,
        expected: `${JSON.stringify(expected[field])}, that of the device at hand`,
        next: 'move the file away, or name another one, and measure again',
      });
    }
  }
}
