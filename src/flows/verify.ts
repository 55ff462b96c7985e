import { NasError } from '../base/errors.ts';
import type { Device } from '../devices/device.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { CompletedTrial } from '../objective/trial.ts';
import { buildGraph } from '../space/network.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Measurement } from '../store/store.ts';
import { latencyOn } from './goals.ts';

export interface Verification {
  /** On the target's device. */
  readonly measurements: readonly Measurement[];
  /** Why a network could not be measured; the rest were then not tried. */
  readonly trouble: NasError | undefined;
}

/** A latency to verify, and what it is verified with. */
export interface VerificationParts {
  readonly targetMs: number;
  /** Which of the run's devices. */
  readonly device: number;
  readonly measure: Pick<Device, 'measureNetwork'>;
  readonly space: SearchSpace;
  /** Of all devices; what they have is not measured again. */
  readonly known: readonly Measurement[];
  /** Called with each new measurement before the next begins. */
  readonly save: (measurement: Measurement) => void;
}

/** An estimate is off by some per cent either way: networks estimated this far beyond the target may yet meet it. */
const ESTIMATE_MARGIN = 1.05;

/**
 * Measures whole networks of the front on the device, the most accurate first of those estimated about under the
 * target, until one is measured under it. A machine too busy to measure on costs the measurement, not the search.
 */
export async function verifyFront(
  trials: readonly CompletedTrial[],
  { targetMs, device, measure, space, known, save }: VerificationParts,
  signal: AbortSignal,
): Promise<Verification> {
  const measurements = known.filter((measurement) => (measurement.device ?? 0) === device);
  const points = trials.map(({ number, genotype, accuracy, ...trial }) => ({
    number,
    genotype,
    accuracy,
    latencyMs: latencyOn(trial, device),
  }));
  const hopeful = paretoFront(points).filter(({ latencyMs }) => latencyMs <= targetMs * ESTIMATE_MARGIN);
  for (const { number: trial, genotype } of [...hopeful].reverse()) {
    let measurement = measurements.find((before) => before.trial === trial);
    if (measurement === undefined) {
      try {
        const latency = await measure.measureNetwork(buildGraph(space.decode(genotype)), { signal });
        const { medianMs, madMs, samples } = latency;
        measurement = { trial, ...(device === 0 ? {} : { device }), medianMs, madMs, samples };
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
