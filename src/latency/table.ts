import type { Calibration } from './calibration.ts';
import type { MeasuringSession } from './measuring-session.ts';

/**
 * Measured time of one kernel, its weights out of the core's own caches and its input in them; or, in an imported
 * table, of kernels one after another. An imported row tells of its spread and its samples what its file told: often
 * nothing, `null`.
 */
export interface KernelLatency {
  /** Of the kernel; of several in a row joined by `joinKernels`. */
  readonly signature: string;
  /** Median over the accepted samples. */
  readonly medianMs: number;
  /** Median absolute deviation from that median, unscaled. */
  readonly madMs: number | null;
  /** Tenth and ninetieth percentile of the accepted samples. */
  readonly p10Ms: number | null;
  readonly p90Ms: number | null;
  /** Median of some samples with weights and input as the run before left them. */
  readonly warmMs: number | null;
  readonly samples: number | null;
  /** Samples thrown away because something else ran meanwhile. */
  readonly rejected: number | null;
}

/** What a table was measured on and with; a latency means nothing without it. */
export interface Provenance {
  /** Name of the table's folder: lower-case words and dashes. */
  readonly device: string;
  readonly processor: string;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly dtype: string;
  readonly threads: number;
  /** The core it was bound to; `null` where the system chose. */
  readonly core: number | null;
  /** Of the processor's clock; `null` where the system does not tell. */
  readonly governor: string | null;
  readonly operatingSystem: string;
  /** ISO 8601, of the first kernel. */
  readonly measuredAt: string;
  /** Version of the program that measured. */
  readonly nasVersion: string;
}

/**
 * Of a table that another program measured: what the user told of it, `null` where nothing was, and where it is from.
 */
export interface ImportedProvenance
  extends Pick<Provenance, 'device' | 'runtime' | 'dtype' | 'threads' | 'core' | 'governor'> {
  readonly processor: string | null;
  readonly runtimeVersion: string | null;
  readonly operatingSystem: string | null;
  readonly measuredAt: string | null;
  /** Version of the program that imported. */
  readonly nasVersion: string;
  readonly imported: ImportOrigin;
}

export interface ImportOrigin {
  /** Of the files. */
  readonly format: string;
  /** What the files have of the samples of a kernel; the table's `medianMs` is that. */
  readonly statistic: 'median' | 'mean';
  readonly files: readonly ImportedFile[];
  /** ISO 8601. */
  readonly importedAt: string;
}

export interface ImportedFile {
  /** Without its folder. */
  readonly name: string;
  /** Of its content, in hexadecimal. */
  readonly sha256: string;
}

export type TableProvenance = Provenance | ImportedProvenance;

/** Where an imported table is from; `undefined` for one that was measured. */
export function importOriginOf(provenance: TableProvenance): ImportOrigin | undefined {
  return 'imported' in provenance ? provenance.imported : undefined;
}

/** latency-tables/<device>/<runtime>.json */
export interface LatencyTable {
  readonly provenance: TableProvenance;
  readonly kernels: ReadonlyMap<string, KernelLatency>;
  /** How whole networks on the device differ from the sum of their kernels; `undefined` until some were measured. */
  readonly calibration: Calibration | undefined;
  /** How the device was while it was measured, the oldest session first; tables of before have none. */
  readonly conditions?: readonly MeasuringSession[] | undefined;
}
