import { NasError } from '../base/errors.ts';
import { fuse } from '../graph/fusion.ts';
import type { Graph } from '../graph/graph.ts';
import { calibrated, intervalOf, totalsOf } from './calibration.ts';
import { interpolateKernel } from './interpolate.ts';
import { cutIntoEntries } from './sequence.ts';
import { importOriginOf, type LatencyTable } from './table.ts';

/** What one kind of kernel, or of kernels that the table has as a sequence, contributes to a network. */
interface KernelShare {
  readonly signature: string;
  /** How often the network has it. */
  readonly count: number;
  /** All of them together, as the table has them. */
  readonly ms: number;
}

export interface LatencyEstimate {
  readonly latencyMs: number;
  /** In which nine of ten networks are; `undefined` where the table has no calibration that could tell. */
  readonly intervalMs: readonly [number, number] | undefined;
  /** In order of first use; only those the table has. */
  readonly kernels: readonly KernelShare[];
  /** Signatures that the table lacks; they count as nothing. Empty from `estimateLatency`. */
  readonly missing: readonly string[];
  /** Signatures among `kernels` whose time is not measured but interpolated over the widths. */
  readonly interpolated: readonly string[];
}

export interface EstimateOptions {
  /** Interpolate kernels that the table lacks, where it can; see `interpolateKernel`. */
  readonly interpolate?: boolean;
}

/**
 * Latency of a network as the sum over its kernels of the median measured for each, calibrated by whole networks
 * measured on the same device: see `Calibration`. In milliseconds for one image. Kernels in a row that the table has as
 * a sequence count as that: see `cutIntoEntries`.
 *
 * The kernels that are missing from the table are listed, not guessed.
 */
export function estimateKnownKernels(
  graph: Graph,
  table: LatencyTable,
  { interpolate = false }: EstimateOptions = {},
): LatencyEstimate {
  const calls = fuse(graph);
  const counts = new Map<string, number>();
  const signatures = calls.map(({ kernel }) => kernel.signature);
  for (const entry of cutIntoEntries(signatures, table)) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  const kernels: KernelShare[] = [];
  const missing: string[] = [];
  const interpolated: string[] = [];
  for (const [signature, count] of counts) {
    const measured = table.kernels.get(signature)?.medianMs;
    const ms = measured ?? (interpolate ? interpolateKernel(signature, table) : undefined);
    if (ms === undefined) missing.push(signature);
    else kernels.push({ signature, count, ms: count * ms });
    if (measured === undefined && ms !== undefined) interpolated.push(signature);
  }
  const sumMs = kernels.reduce((sum, { ms }) => sum + ms, 0);
  const latencyMs = calibrated(totalsOf(calls, sumMs), table.calibration);
  const intervalMs = intervalOf(latencyMs, table.calibration);
  return { latencyMs, intervalMs, kernels, missing, interpolated };
}

/** As `estimateKnownKernels`, of a network that the table covers; throws a NasError if it does not. */
export function estimateLatency(
  graph: Graph,
  table: LatencyTable,
  options: EstimateOptions = {},
): LatencyEstimate {
  const estimate = estimateKnownKernels(graph, table, options);
  const [first, ...others] = estimate.missing;
  if (first !== undefined) {
    const { device, runtime } = table.provenance;
    throw new NasError(`latency table of ${device} with ${runtime}`, {
      found: `no kernel '${first}'${others.length === 0 ? '' : ` and ${others.length} more that the network has`}`,
      expected: 'every kernel of the network',
      next:
        importOriginOf(table.provenance) === undefined
          ? `nas profile --device ${device}, for the space or network with these kernels`
          : 'import the file again with rows for these kernels, or take a table that was measured',
    });
  }
  return estimate;
}
