import { NasError } from '../base/errors.ts';
import type { Device } from '../devices/device.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { CompletedTrial } from '../objective/trial.ts';
import { buildGraph } from '../space/network.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Measurement } from '../store/store.ts';

export interface Verification {
  readonly measurements: readonly Measurement[];
  /** Why a network could not be measured; the rest were then not tried. */
  readonly trouble: NasError | undefined;
}

/**
 * Measures whole networks of the front on the device, the most accurate of those estimated under the target first,
 * until one is measured under it. Networks that `known` has are not measured again; each new measurement is handed
 * to `save` before the next begins. A machine too busy to measure on costs the measurement, not the search.
 */
export async function verifyFront(
  trials: readonly CompletedTrial[],
  targetMs: number,
  space: SearchSpace,
  known: readonly Measurement[],
  device: Device,
  save: (measurement: Measurement) => void,
  signal: AbortSignal,
): Promise<Verification> {
  const measurements = [...known];
  const hopeful = paretoFront(trials).filter(({ latencyMs }) => latencyMs <= targetMs);
  for (const { number: trial, genotype } of [...hopeful].reverse()) {
    let measurement = known.find((before) => before.trial === trial);
    if (measurement === undefined) {
      try {
        const latency = await device.measureNetwork(buildGraph(space.decode(genotype)), { signal });
        measurement = { trial, medianMs: latency.medianMs, madMs: latency.madMs, samples: latency.samples };
      } catch (error) {
        if (signal.aborted || !(error instanceof NasError)) throw error;
        return { measurements, trouble: error };
      }
      save(measurement);
      measurements.push(measurement);
    }
    if (measurement.medianMs <= targetMs) break;
  }
  return { measurements, trouble: undefined };
}
