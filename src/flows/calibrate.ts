import type { Device } from '../devices/device.ts';
import { fuse } from '../graph/fusion.ts';
import type { Graph } from '../graph/graph.ts';
import { type Calibration, fitCalibration, type NetworkTime, totalsOf } from '../latency/calibration.ts';
import { estimateLatency } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';

/** A network to measure as a whole. */
export interface NamedNetwork {
  readonly name: string;
  readonly graph: Graph;
}

/**
 * Measures networks as a whole that a table covers, and yields each with what its kernels add up to. Those the
 * calibration of the table has already are not measured again.
 */
export async function* measureWholeNetworks(
  networks: readonly NamedNetwork[],
  table: LatencyTable,
  device: Pick<Device, 'measureNetwork'>,
  signal?: AbortSignal,
): AsyncGenerator<NetworkTime & { readonly name: string }> {
  const uncalibrated = { ...table, calibration: undefined };
  for (const { name, graph } of networks) {
    const { latencyMs: sumMs } = estimateLatency(graph, uncalibrated);
    const { medianMs } = await device.measureNetwork(graph, signal === undefined ? {} : { signal });
    yield { name, ...totalsOf(fuse(graph), sumMs), measuredMs: medianMs };
  }
}

/** The calibration of all networks measured so far: those of before, and those of now in place of any of their name. */
export function extendCalibration(
  before: Calibration | undefined,
  measured: readonly (NetworkTime & { readonly name: string })[],
): Calibration {
  const kept = (before?.networks ?? []).filter(({ name }) => !measured.some((now) => now.name === name));
  return fitCalibration([...kept.map(({ leaveOneOutError: _, ...network }) => network), ...measured]);
}
