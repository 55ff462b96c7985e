import { quantileSorted } from 'simple-statistics';
import { type KernelCall, weightBytesOf } from '../graph/fusion.ts';
import { robustRegression } from '../numeric/robust-regression.ts';

/**
 * How whole networks differ from the sum of their kernels, on one device with one runtime:
 *
 *     latency = scale · Σ kernels + perKernelMs · number of kernels + perMebibyteMs · MiB of weights
 *
 * Kernels are timed one at a time; in a network they hand tensors to each other, follow without a pause, and compete
 * for the caches. `errors` tell what is left after that.
 */
export interface Calibration {
  readonly scale: number;
  readonly perKernelMs: number;
  readonly perMebibyteMs: number;
  /** The networks it was fitted to, each with the error of the fit to all others. */
  readonly networks: readonly CalibrationNetwork[];
}

export interface CalibrationNetwork extends NetworkTime {
  readonly name: string;
  /** (estimate − measured) / measured, where the estimate is by a calibration without this network. */
  readonly leaveOneOutError: number;
}

/** What an estimate starts from, and what the network took as a whole. */
export interface NetworkTime extends KernelTotals {
  readonly measuredMs: number;
}

/** What the kernels of a network add up to. */
export interface KernelTotals {
  readonly sumMs: number;
  readonly kernels: number;
  readonly weightMebibytes: number;
}

const MEBIBYTE = 2 ** 20;

/** Kernels and weights of a network or a part of one; the time comes from a table. */
export function totalsOf(calls: readonly KernelCall[], sumMs: number): KernelTotals {
  const bytes = calls.reduce((sum, { kernel }) => sum + weightBytesOf(kernel), 0);
  return { sumMs, kernels: calls.length, weightMebibytes: bytes / MEBIBYTE };
}

/** The estimate of a calibration; without one, the sum of the kernels. Linear, so parts of a network may be added. */
export function calibrated(
  { sumMs, kernels, weightMebibytes }: KernelTotals,
  calibration: Pick<Calibration, 'scale' | 'perKernelMs' | 'perMebibyteMs'> | undefined,
): number {
  if (calibration === undefined) return sumMs;
  const { scale, perKernelMs, perMebibyteMs } = calibration;
  return Math.max(0, scale * sumMs + perKernelMs * kernels + perMebibyteMs * weightMebibytes);
}

/** Before any network is measured: the sum alone. */
const PRIOR = [1, 0, 0];
/**
 * How far coefficients may be from the prior, against how exact a network is predicted: a tenth of the scale, a
 * microsecond a kernel and 50 µs a MiB weigh as much as 1 % of a network's latency.
 */
const PULLS = [0.1, 0.001, 0.05].map((deviation) => (0.01 / deviation) ** 2);

/** Fits the calibration to networks measured as a whole, by robust regression on relative errors. */
export function fitCalibration(networks: readonly (NetworkTime & { readonly name: string })[]): Calibration {
  const all = fit(networks);
  return {
    ...all,
    networks: networks.map((network) => {
      const without = fit(networks.filter((other) => other !== network));
      const { measuredMs } = network;
      return { ...network, leaveOneOutError: calibrated(network, without) / measuredMs - 1 };
    }),
  };
}

function fit(networks: readonly NetworkTime[]): Omit<Calibration, 'networks'> {
  const rows = networks.map(({ sumMs, kernels, weightMebibytes, measuredMs }) =>
    [sumMs, kernels, weightMebibytes].map((total) => total / measuredMs),
  );
  const targets = networks.map(() => 1);
  const [scale = 1, perKernelMs = 0, perMebibyteMs = 0] = robustRegression(rows, targets, PRIOR, PULLS);
  return { scale, perKernelMs, perMebibyteMs };
}

/** Part of the networks that an interval is meant to hold. */
const COVERAGE = 0.9;

/**
 * The interval in which nine of ten networks are, by the leave-one-out errors; `undefined` with fewer than five
 * networks, which cannot tell.
 */
export function intervalOf(
  latencyMs: number,
  calibration: Calibration | undefined,
): readonly [number, number] | undefined {
  if (calibration === undefined || calibration.networks.length < 5) return undefined;
  const errors = calibration.networks.map(({ leaveOneOutError }) => Math.abs(leaveOneOutError));
  // With n errors, the ⌈(n + 1)·coverage⌉-th smallest covers (split conformal prediction).
  const rank = Math.min(1, (Math.ceil((errors.length + 1) * COVERAGE) - 1) / Math.max(1, errors.length - 1));
  const margin = quantileSorted(
    errors.sort((a, b) => a - b),
    rank,
  );
  return [latencyMs * (1 - margin), latencyMs * (1 + margin)];
}
