import type { Device, NamedNetwork } from '../devices/device.ts';
import { estimateLatency } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';

/** A network as the table predicts it and as it was measured. */
export interface Prediction {
  readonly name: string;
  readonly estimateMs: number;
  /** In which nine of ten networks are meant to be. */
  readonly intervalMs: readonly [number, number] | undefined;
  readonly measuredMs: number;
  readonly madMs: number;
  /** (estimate − measured) / measured. */
  readonly error: number;
}

/** Measures networks as a whole and sets beside each what the table says of it. */
export async function* checkPredictions(
  networks: readonly NamedNetwork[],
  table: LatencyTable,
  device: Pick<Device, 'measureNetworks'>,
  signal?: AbortSignal,
): AsyncGenerator<Prediction> {
  const graphs = new Map(networks.map(({ name, graph }) => [name, graph]));
  for await (const measured of device.measureNetworks(networks, signal && { signal })) {
    const { name, medianMs: measuredMs, madMs } = measured;
    const graph = graphs.get(name);
    if (graph === undefined) continue;
    const { latencyMs: estimateMs, intervalMs } = estimateLatency(graph, table);
    yield { name, estimateMs, intervalMs, measuredMs, madMs, error: estimateMs / measuredMs - 1 };
  }
}
