import { median } from 'simple-statistics';
import { NasError } from '../base/errors.ts';
import { bareLatency, type LatencyRow } from './formats/format.ts';
import { isSequence, joinKernels } from './sequence.ts';
import type { KernelLatency } from './table.ts';

/** What rows of other programs came to. */
export interface ImportedKernels {
  readonly kernels: ReadonlyMap<string, KernelLatency>;
  /** How many of those are several kernels in a row. */
  readonly sequences: number;
  /** Rows read, those that were not understood among them. */
  readonly rows: number;
  /** Rows for a kernel that an earlier row is for as well. */
  readonly repeated: number;
  /** Rows for layers that do nothing, which no table needs. */
  readonly empty: number;
  /** What is said of those that were not understood. */
  readonly unknown: readonly NasError[];
}

/** A file with more unknown rows than this is in another format. */
const MOST_UNKNOWN = 10_000;

/**
 * The kernels of rows. Several rows for one kernel, as where a layer of a network is measured at each of its places,
 * become their median. A row that was not understood is thrown, or with `skipUnknown` left out.
 */
export function importKernels(
  rows: Iterable<LatencyRow | NasError>,
  { skipUnknown }: { readonly skipUnknown: boolean },
): ImportedKernels {
  const bySignature = new Map<string, LatencyRow[]>();
  const unknown: NasError[] = [];
  const counts = { rows: 0, empty: 0 };
  for (const row of rows) {
    counts.rows++;
    if (row instanceof NasError) {
      if (!skipUnknown) throw row;
      if (unknown.length === MOST_UNKNOWN) throw tooMany(row);
      unknown.push(row);
    } else if (row.kernels.length === 0) {
      counts.empty++;
    } else {
      const signature = joinKernels(row.kernels);
      const before = bySignature.get(signature);
      if (before === undefined) bySignature.set(signature, [row]);
      else before.push(row);
    }
  }
  const kernels = new Map(
    [...bySignature].map(([signature, found]) => [signature, latencyOf(signature, found)]),
  );
  return {
    ...counts,
    kernels,
    sequences: [...kernels.keys()].filter(isSequence).length,
    repeated: counts.rows - counts.empty - unknown.length - kernels.size,
    unknown,
  };
}

function tooMany({ where, found }: NasError): NasError {
  return new NasError(where, {
    found: `${found}, after ${MOST_UNKNOWN} other rows that cannot be understood`,
    expected: 'a file in which most rows can be',
    next: 'look whether --format is right',
  });
}

function latencyOf(signature: string, rows: readonly LatencyRow[]): KernelLatency {
  const [first] = rows;
  const latency =
    first !== undefined && rows.length === 1
      ? first.latency
      : bareLatency(median(rows.map((row) => row.latency.medianMs)));
  return { signature, ...latency };
}
