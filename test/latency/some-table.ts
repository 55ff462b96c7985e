import type { KernelLatency, LatencyTable, Provenance } from '../../src/latency/table.ts';

/** A provenance, a kernel and a table to start from. */
export const someProvenance: Provenance = {
  device: 'some-phone',
  processor: 'some processor',
  runtime: 'litert',
  runtimeVersion: '2.5.3',
  dtype: 'float32',
  threads: 1,
  core: null,
  governor: null,
  operatingSystem: 'none',
  measuredAt: '2026-01-01T00:00:00.000Z',
  nasVersion: '0',
};

export const someKernel = (signature: string, medianMs = 1.5): KernelLatency => ({
  ...{ signature, medianMs, madMs: 0.01, p10Ms: 0.9 * medianMs, p90Ms: 1.1 * medianMs, warmMs: null },
  ...{ samples: 5, rejected: 2 },
});

export const someTable = (kernels: readonly KernelLatency[] = []): LatencyTable => ({
  provenance: someProvenance,
  kernels: new Map(kernels.map((kernel) => [kernel.signature, kernel])),
  calibration: undefined,
});
