import type { Device } from '../devices/device.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { CompletedTrial } from '../objective/trial.ts';
import { buildGraph } from '../space/network.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Measurement } from '../store/store.ts';

/**
 * Measures whole networks of the front on the device, the most accurate of those estimated under the target first,
 * until one is measured under it. Networks that `known` has are not measured again; each new measurement is handed
 * to `save` before the next begins. Returns all there are.
 */
export async function verifyFront(
  trials: readonly CompletedTrial[],
  targetMs: number,
  space: SearchSpace,
  known: readonly Measurement[],
  device: Device,
  save: (measurement: Measurement) => void,
  signal: AbortSignal,
): Promise<readonly Measurement[]> {
  const measurements = [...known];
  const hopeful = paretoFront(trials).filter(({ latencyMs }) => latencyMs <= targetMs);
  for (const { number, genotype } of [...hopeful].reverse()) {
    let measurement = known.find(({ trial }) => trial === number);
    if (measurement === undefined) {
      const latency = await device.measureNetwork(buildGraph(space.decode(genotype)), { signal });
      measurement = {
        trial: number,
        medianMs: latency.medianMs,
        madMs: latency.madMs,
        samples: latency.samples,
      };
      save(measurement);
      measurements.push(measurement);
    }
    if (measurement.medianMs <= targetMs) break;
  }
  return measurements;
}
