import { expect, test } from 'vitest';
import { type Cost, graphCost } from '../../src/graph/cost.ts';
import { type ConvolutionOptions, type Graph, GraphBuilder } from '../../src/graph/graph.ts';
import { roundChannels } from '../../src/graph/round-channels.ts';

const network = (size: number, channels: number, build: (b: GraphBuilder, x: number) => number): Graph => {
  const builder = new GraphBuilder();
  return builder.build(build(builder, builder.input([size, size, channels])));
};
const convolution = (size: number, from: number, to: number, options: ConvolutionOptions): Cost =>
  graphCost(network(size, from, (b, x) => b.convolution(x, to, options)));
const separable = (size: number, from: number, to: number): Cost =>
  graphCost(
    network(size, from, (b, x) => b.convolution(b.convolution(x, from, { kernel: 3, groups: from }), to)),
  );

test('a full convolution costs k·k·M·N·H·W (VGG16, conv1_1 and conv2_1)', () => {
  expect(convolution(224, 3, 64, { kernel: 3 })).toEqual({ macs: 86_704_128, params: 1_728 });
  expect(convolution(112, 64, 128, { kernel: 3 })).toEqual({ macs: 924_844_032, params: 73_728 });
});

test('a depthwise separable one costs 1/N + 1/k² of it', () => {
  expect(separable(112, 64, 128)).toEqual({ macs: 109_985_792, params: 8_768 });
  expect(109_985_792 / 924_844_032).toBeCloseTo(1 / 128 + 1 / 9, 10);
  expect(separable(64, 3, 4)).toEqual({ macs: 159_744, params: 39 });
});

test('groups divide the cost', () => {
  expect(convolution(64, 4, 2, {})).toEqual({ macs: 32_768, params: 8 });
  expect(convolution(64, 4, 2, { groups: 2 })).toEqual({ macs: 16_384, params: 4 });
});

test('batch-norm counts two numbers a channel, PReLU one, a linear layer its biases', () => {
  const graph = network(1, 5, (b, x) => b.linear(b.activation(b.batchNorm(x), 'prelu'), 3));
  expect(graphCost(graph)).toEqual({ macs: 15, params: 10 + 5 + 15 + 3 });
});

test('channels are rounded to the divisor but never below nine tenths', () => {
  expect([24 * 0.75, 96 * 0.35, 16 * 0.25, 4, 1280 * 0.75].map((c) => roundChannels(c, 8))).toEqual([
    24, 32, 8, 8, 960,
  ]);
  expect(roundChannels(7.9, 1)).toBe(7);
});
