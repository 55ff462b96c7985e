import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { estimateKnownKernels, estimateLatency } from '../../src/latency/estimate.ts';
import { interpolateKernel } from '../../src/latency/interpolate.ts';
import { someKernel, someTable } from './some-table.ts';

const pointwise = (read: number, written: number, rest = 'k1x1 s1x1 g1 same bias + relu'): string =>
  `28x28x${read} convolution ${written} ${rest}`;
const depthwise = (channels: number): string =>
  `28x28x${channels} convolution ${channels} k3x3 s1x1 g${channels} same bias`;

/** A device on which arithmetic, moving data and a call have their price. */
const pointwiseMs = (read: number, written: number): number =>
  0.005 + 2e-5 * (read + written) + 8e-6 * read * written;
const depthwiseMs = (channels: number): number => 0.004 + 5e-4 * channels;

const WIDTHS = [16, 24, 40, 80, 120];
const table = someTable([
  ...WIDTHS.flatMap((read) =>
    WIDTHS.map((written) => someKernel(pointwise(read, written), pointwiseMs(read, written))),
  ),
  ...WIDTHS.map((channels) => someKernel(depthwise(channels), depthwiseMs(channels))),
  ...WIDTHS.slice(0, 3).map((channels) => someKernel(pointwise(channels, 8, 'k3x3 s1x1 g1 same bias'), 1)),
]);

describe('a kernel of another width', () => {
  test.each([
    [pointwise(56, 96), pointwiseMs(56, 96)],
    [pointwise(17, 33), pointwiseMs(17, 33)],
    [depthwise(64), depthwiseMs(64)],
  ])('%s is found between those of its kind', (signature, ms) => {
    expect(interpolateKernel(signature, table)! / ms).toBeCloseTo(1, 2);
  });

  test.each([
    ['wider than any', pointwise(16, 121)],
    ['narrower than any', depthwise(8)],
    ['of another window', pointwise(56, 96, 'k5x5 s1x1 g1 same bias + relu')],
    ['of another stride', pointwise(56, 96, 'k1x1 s2x2 g1 same bias + relu')],
    ['of other groups', pointwise(56, 96, 'k1x1 s1x1 g2 same bias + relu')],
    ['with another activation', pointwise(56, 96, 'k1x1 s1x1 g1 same bias + relu6')],
    ['of other pixels', pointwise(56, 96).replace('28x28', '14x14')],
    ['of a kind with three kernels', pointwise(20, 8, 'k3x3 s1x1 g1 same bias')],
    ['that splits channels', '28x28x64 channel-split 0+32'],
  ])('is not guessed where it is %s', (_, signature) => {
    expect(interpolateKernel(signature, table)).toBeUndefined();
  });
});

test('an estimate interpolates only when asked, and says which kernels', () => {
  const b = new GraphBuilder();
  const graph = b.build(b.activation(b.convolution(b.input([28, 28, 56]), 96, { bias: true }), 'relu'));
  expect(estimateKnownKernels(graph, table)).toMatchObject({ latencyMs: 0, missing: [pointwise(56, 96)] });
  const estimate = estimateLatency(graph, table, { interpolate: true });
  expect(estimate.interpolated).toEqual([pointwise(56, 96)]);
  expect(estimate.latencyMs / pointwiseMs(56, 96)).toBeCloseTo(1, 2);
});
