/** Measured time of one kernel. */
export interface KernelLatency {
  readonly signature: string;
  /** Median over the accepted samples. */
  readonly medianMs: number;
  /** Median absolute deviation from that median, unscaled. */
  readonly madMs: number;
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
  readonly threads: number;
  readonly operatingSystem: string;
  /** ISO 8601, of the first kernel. */
  readonly measuredAt: string;
}

/** latency-tables/<device>/<runtime>.json */
export interface LatencyTable {
  readonly provenance: Provenance;
  readonly kernels: ReadonlyMap<string, KernelLatency>;
}
