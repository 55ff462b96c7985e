import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { fuse } from '../../src/graph/fusion.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { fitCalibration } from '../../src/latency/calibration.ts';
import { estimateKnownKernels } from '../../src/latency/estimate.ts';
import { parseTable } from '../../src/latency/parse-table.ts';
import { printTable } from '../../src/latency/print-table.ts';
import { brokenDocument } from '../fuzz/hostile.ts';
import { someKernel, someProvenance, someTable } from './some-table.ts';

const graph = (() => {
  const b = new GraphBuilder();
  let x = b.convolutionUnit(b.input([8, 8, 3]), 4, 'relu', { kernel: 3 });
  x = b.convolutionUnit(x, 4, 'relu');
  return b.build(b.globalAveragePool(x));
})();

const good = (() => {
  const kernels = fuse(graph).map(({ kernel }) => someKernel(kernel.signature, 0.25));
  const networks = Array.from({ length: 8 }, (_, i) => ({
    ...{ name: `network ${i}`, sumMs: 1 + i, kernels: 10 + (i % 3), weightMebibytes: 0.01 * i },
    measuredMs: 1.05 * (1 + i) + 0.001 * i,
  }));
  const state = { battery: null, thermal: null, governors: ['schedutil'] };
  const at = someProvenance.measuredAt;
  return printTable({
    ...someTable(kernels),
    calibration: fitCalibration(networks),
    conditions: [{ startedAt: at, endedAt: at, kernels: 3, before: state, after: null }],
  });
})();

/** Reads a table as nas does, and estimates a network by it. */
function survives(text: string): void {
  try {
    const table = parseTable(text, 'table');
    const { latencyMs, intervalMs = [0, 0] } = estimateKnownKernels(graph, table, { interpolate: true });
    for (const ms of [latencyMs, ...intervalMs]) expect(Number.isFinite(ms)).toBe(true);
    expect(parseTable(printTable(table), 'again')).toEqual(table);
  } catch (error) {
    if (!(error instanceof NasError)) throw error;
  }
}

describe('a latency table', () => {
  test('is read', () => {
    expect(parseTable(good, 'table').kernels.size).toBe(3);
  });

  test('with parts of it broken is read, with finite times, or refused', () => {
    fc.assert(
      fc.property(brokenDocument(JSON.parse(good)), (broken) => survives(JSON.stringify(broken))),
      { numRuns: 2000, seed: 14 },
    );
  });

  test('with times whose sum is no number is refused', () => {
    const table = JSON.parse(good) as { kernels: { medianMs: number }[]; calibration: { scale: number } };
    const slow = { ...table, kernels: table.kernels.map((kernel) => ({ ...kernel, medianMs: 1.7e308 })) };
    expect(() => parseTable(JSON.stringify(slow), 'table')).toThrow('kernels[0].medianMs is 1.7e+308');
    const steep = { ...table, calibration: { ...table.calibration, scale: -1e300 } };
    expect(() => parseTable(JSON.stringify(steep), 'table')).toThrow('calibration.scale is -1e+300');
  });

  test('half written, at any byte, is refused', () => {
    // All but the newline at its end.
    const whole = good.trimEnd().length;
    for (let length = 0; length < whole; length += 7) {
      expect(() => parseTable(good.slice(0, length), 'table')).toThrow(NasError);
    }
    expect(() => parseTable(good.slice(0, whole - 1), 'table')).toThrow(NasError);
  });

  test.each([
    ['text', fc.string({ unit: 'binary' })],
    ['JSON', fc.json()],
  ])('of any %s is refused', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(() => parseTable(text, 'table')).toThrow(NasError);
      }),
      { seed: 15 },
    );
  });
});
