import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { messageOf, NasError } from '../base/errors.ts';
import type { Calibration } from '../latency/calibration.ts';
import { parseTable } from '../latency/parse-table.ts';
import { printTable } from '../latency/print-table.ts';
import type { KernelLatency, LatencyTable, Provenance } from '../latency/table.ts';

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

/** A table on disk that grows while it is measured. */
export interface TableFile {
  readonly path: string;
  /** As it is now, on disk too. */
  table(): LatencyTable;
  /** Adds or replaces a kernel and saves the table, atomically: a process that dies leaves a whole file. */
  add(kernel: KernelLatency): void;
  /** Keeps how whole networks differ from the sum of their kernels. */
  calibrate(calibration: Calibration): void;
}

/**
 * Opens the table of a device, or begins one where there is none. A file that is no table, or is one of another
 * device, processor, runtime or thread count, is refused and left as it is.
 */
export function openTableFile(path: string, provenance: Provenance): TableFile {
  let table: LatencyTable = { provenance, kernels: new Map(), calibration: undefined };
  if (existsSync(path)) {
    table = readTable(path);
    refuseForeign(path, table.provenance, provenance);
  }
  const save = (changed: LatencyTable): void => {
    table = changed;
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomic.sync(path, printTable(table));
  };
  return {
    path,
    table: () => table,
    add: (kernel) => save({ ...table, kernels: new Map(table.kernels).set(kernel.signature, kernel) }),
    calibrate: (calibration) => save({ ...table, calibration }),
  };
}

/** What must agree for two measurements to belong into one table. */
const SAME_IN_ONE_TABLE = [
  ...(['device', 'processor', 'runtime', 'runtimeVersion', 'dtype'] as const),
  ...(['threads', 'core', 'governor'] as const),
];

function refuseForeign(path: string, found: Provenance, expected: Provenance): void {
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
