import type { Device } from '../devices/device.ts';
import { estimateLatency } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';
import type { NamedNetwork } from './calibrate.ts';

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
  device: Pick<Device, 'measureNetwork'>,
  signal?: AbortSignal,
): AsyncGenerator<Prediction> {
  for (const { name, graph } of networks) {
    const { latencyMs: estimateMs, intervalMs } = estimateLatency(graph, table);
    const measured = await device.measureNetwork(graph, signal === undefined ? {} : { signal });
    const { medianMs: measuredMs, madMs } = measured;
    yield { name, estimateMs, intervalMs, measuredMs, madMs, error: estimateMs / measuredMs - 1 };
  }
}
