import { expect, test } from 'vitest';
import { graphCost } from '../../src/graph/cost.ts';
import { type Architecture, buildGraph } from '../../src/space/network.ts';
import { strideCount, stridesToDrop } from '../../src/space/small-images.ts';
import { shipped } from './shipped.ts';

const network = (name: string): Architecture => shipped(name).decode([]);

test.each([
  [224, 0],
  [128, 0],
  [96, 1],
  [64, 1],
  [32, 2],
  [16, 3],
  [4, 5],
])('at %i pixels %i of the five strides go', (resolution, dropped) => {
  for (const name of ['mobilenet-v2', 'mobilenet-v3-small', 'mnasnet-a1', 'shufflenet-v2']) {
    expect(strideCount(network(name)), name).toBe(5);
    expect(stridesToDrop(network(name), { resolution }), name).toBe(dropped);
  }
});

test('a network that does not end in a pool over all pixels keeps its strides', () => {
  expect(stridesToDrop(network('vgg16'), { resolution: 224 })).toBe(0);
});

test('mobilenet-v2 0.5 so made for CIFAR-10 is of the size that others report for theirs', () => {
  // chenyaofo/pytorch-cifar-models prints 0.70 M parameters and 27.97 M multiply-accumulates.
  const build = { width: 0.5, resolution: 32, classes: 10 };
  const architecture = network('mobilenet-v2');
  const graph = buildGraph(architecture, {
    ...build,
    dropEarlyStrides: stridesToDrop(architecture, build),
  });
  const { params, macs } = graphCost(graph);
  expect(params / 1e6).toBeCloseTo(0.7, 1);
  expect(macs / 1e6).toBeCloseTo(28, 0);
});
