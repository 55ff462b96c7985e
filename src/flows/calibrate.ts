import type { Device, NamedNetwork } from '../devices/device.ts';
import { fuse } from '../graph/fusion.ts';
import { type Calibration, fitCalibration, type NetworkTime, totalsOf } from '../latency/calibration.ts';
import { estimateLatency } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';

/** Measures networks as a whole that a table covers, and yields each with what its kernels add up to. */
export async function* measureWholeNetworks(
  networks: readonly NamedNetwork[],
  table: LatencyTable,
  device: Pick<Device, 'measureNetworks'>,
  signal?: AbortSignal,
): AsyncGenerator<NetworkTime & { readonly name: string }> {
  const uncalibrated = { ...table, calibration: undefined };
  const graphs = new Map(networks.map(({ name, graph }) => [name, graph]));
  for await (const { name, medianMs } of device.measureNetworks(networks, signal && { signal })) {
    const graph = graphs.get(name);
    if (graph === undefined) continue;
    const { latencyMs: sumMs } = estimateLatency(graph, uncalibrated);
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
