import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { calibrated, fitCalibration, intervalOf } from '../../src/latency/calibration.ts';

const truth = { scale: 1.08, perKernelMs: 0.002, perMebibyteMs: 0.03 };

/** Networks whose latency is that of `truth`, but for some noise. */
function networks(count: number, noise: number, seed = 'networks') {
  const rng = createRng(seed);
  return Array.from({ length: count }, (_, i) => {
    const totals = {
      sumMs: 2 + 30 * rng.uniform(),
      kernels: 40 + rng.integer(120),
      weightMebibytes: 1 + 20 * rng.uniform(),
    };
    const measuredMs = calibrated(totals, truth) * (1 + noise * rng.normal());
    return { name: `network ${i}`, ...totals, measuredMs };
  });
}

test('without networks nothing is known: the sum of the kernels stands', () => {
  const none = fitCalibration([]);
  expect(none).toMatchObject({ scale: 1, perKernelMs: 0, perMebibyteMs: 0 });
  expect(calibrated({ sumMs: 7, kernels: 50, weightMebibytes: 3 }, none)).toBe(7);
  expect(calibrated({ sumMs: 7, kernels: 50, weightMebibytes: 3 }, undefined)).toBe(7);
});

test('a law without noise is found, and predicts networks that it was not fitted to', () => {
  const calibration = fitCalibration(networks(20, 0));
  for (const network of networks(20, 0, 'others')) {
    expect(Math.abs(calibrated(network, calibration) / network.measuredMs - 1)).toBeLessThan(0.01);
  }
});

test('one network measured wrong does not bend the fit', () => {
  const measured = networks(12, 0.005);
  const spoilt = measured.map((network, i) =>
    i === 3 ? { ...network, measuredMs: 3 * network.measuredMs } : network,
  );
  for (const network of networks(20, 0, 'others')) {
    expect(Math.abs(calibrated(network, fitCalibration(spoilt)) / network.measuredMs - 1)).toBeLessThan(0.03);
  }
});

test('the error of a network is that of the fit to all others', () => {
  const measured = networks(6, 0.02);
  const [first, ...others] = measured;
  const { networks: fitted } = fitCalibration(measured);
  const without = fitCalibration(others);
  expect(fitted[0]?.leaveOneOutError).toBeCloseTo(calibrated(first!, without) / first!.measuredMs - 1, 12);
});

describe('the interval', () => {
  test('holds nine of ten new networks', () => {
    let inside = 0;
    for (let round = 0; round < 40; round++) {
      const calibration = fitCalibration(networks(12, 0.03, `known ${round}`));
      for (const network of networks(10, 0.03, `new ${round}`)) {
        const [low, high] = intervalOf(calibrated(network, calibration), calibration)!;
        if (low <= network.measuredMs && network.measuredMs <= high) inside++;
      }
    }
    expect(inside / 400).toBeGreaterThan(0.86);
    expect(inside / 400).toBeLessThan(0.97);
  });

  test('is not guessed from too few networks', () => {
    expect(intervalOf(5, undefined)).toBeUndefined();
    expect(intervalOf(5, fitCalibration(networks(4, 0.02)))).toBeUndefined();
  });
});
