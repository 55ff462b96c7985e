import type { Calibration } from './calibration.ts';

/** Measured time of one kernel, its weights out of the core's own caches and its input in them. */
export interface KernelLatency {
  readonly signature: string;
  /** Median over the accepted samples. */
  readonly medianMs: number;
  /** Median absolute deviation from that median, unscaled. */
  readonly madMs: number;
  /** Tenth and ninetieth percentile of the accepted samples. */
  readonly p10Ms: number;
  readonly p90Ms: number;
  /** Median of some samples with weights and input as the run before left them. */
  readonly warmMs: number | null;
  readonly samples: number;
  /** Samples thrown away because something else ran meanwhile. */
  readonly rejected: number;
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

/** latency-tables/<device>/<runtime>.json */
export interface LatencyTable {
  readonly provenance: Provenance;
  readonly kernels: ReadonlyMap<string, KernelLatency>;
  /** How whole networks on the device differ from the sum of their kernels; `undefined` until some were measured. */
  readonly calibration: Calibration | undefined;
}
