import { describe, expect, test } from 'vitest';
import { template } from '../../src/blocks/_template/template.ts';
import type { Place } from '../../src/blocks/block.ts';
import { BLOCKS } from '../../src/blocks/index.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { fuse } from '../../src/graph/fusion.ts';
import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';
import type { Shape } from '../../src/graph/op.ts';
import { addBlock, graphOf, place, type Source } from './lower.ts';

/** Examples of every family, as space files write them. A new family adds its own. */
const EXAMPLES: Readonly<Record<string, readonly Source[]>> = {
  convolution: [
    { type: 'convolution', kernel: 3, activation: 'relu' },
    { type: 'convolution', kernel: 7, activation: 'prelu', padding: 'valid', batchNorm: false },
    {
      type: 'convolution',
      kernel: 5,
      activation: 'linear',
      squeezeExcitation: { ratio: 0.25, divisor: 4 },
      skip: 'identity',
    },
  ],
  'depthwise-separable': [
    { type: 'depthwise-separable', kernel: 5, activation: 'relu6' },
    {
      type: 'depthwise-separable',
      kernel: 3,
      activation: 'relu',
      pointwiseActivation: 'linear',
      squeezeExcitation: { ratio: 0.25 },
      skip: 'pool',
    },
    { type: 'depthwise-separable', kernel: 3, groups: 4, activation: 'prelu' },
  ],
  'inverted-residual': [
    { type: 'inverted-residual', kernel: 3, expansion: 6, activation: 'relu6' },
    { type: 'inverted-residual', kernel: 7, expansion: 1, activation: 'swish', skip: 'none' },
    { type: 'inverted-residual', kernel: 5, expansion: 3, groups: 2, activation: 'relu', skip: 'pool' },
    { type: 'inverted-residual', kernel: 3, expansion: 1, groups: 4, expandAlways: true, activation: 'relu' },
    {
      type: 'inverted-residual',
      kernel: 5,
      expansion: 2.3,
      squeezeExcitation: { ratio: 0.25, of: 'input', divisor: 1, activation: 'swish', gate: 'sigmoid' },
      activation: 'hswish',
    },
  ],
  'ghost-module': [{ type: 'ghost-module' }, { type: 'ghost-module', kernel: 3, activation: 'linear' }],
  'ghost-bottleneck': [
    { type: 'ghost-bottleneck', kernel: 3, expansion: 1 },
    { type: 'ghost-bottleneck', kernel: 5, expansion: 2.3, squeezeExcitation: { ratio: 0.25, divisor: 4 } },
  ],
  'shufflenet-v1': [
    { type: 'shufflenet-v1', groups: 1 },
    { type: 'shufflenet-v1', groups: 4, reduceGroups: 1 },
    { type: 'shufflenet-v1', kernel: 5, groups: 2, activation: 'hswish' },
  ],
  'shufflenet-v2': [{ type: 'shufflenet-v2' }, { type: 'shufflenet-v2', kernel: 7, activation: 'swish' }],
  eesp: [
    { type: 'eesp', receptiveFieldLimit: 9 },
    { type: 'eesp', branches: 2, receptiveFieldLimit: 3, activation: 'relu' },
  ],
  fire: [
    { type: 'fire' },
    { type: 'fire', squeezeRatio: 0.5, expand3x3Ratio: 0.75, activation: 'relu6', batchNorm: true },
  ],
  squeezenext: [
    { type: 'squeezenext' },
    { type: 'squeezenext', kernel: 5, projectAlways: true },
    { type: 'squeezenext', projectFirst: true },
  ],
  pool: [
    { type: 'pool', function: 'max', kernel: 3 },
    { type: 'pool', function: 'average', kernel: 2, padding: 'valid' },
    { type: 'pool', function: 'max', kernel: 3, padding: 'ceil' },
  ],
  identity: [{ type: 'identity' }, { type: 'identity', activation: 'relu' }],
  'fully-connected': [{ type: 'fully-connected', activation: 'relu' }],
  classifier: [
    { type: 'classifier' },
    { type: 'classifier', hidden: { channels: 40, activation: 'hswish', width: 'never-narrower' } },
  ],
  'convolution-classifier': [{ type: 'convolution-classifier' }],
};

/** As many channels as the input has, more, and fewer; a pool has no choice. */
const channelsFor = (type: string): readonly number[] => (type === 'pool' ? [16] : [16, 24, 8]);

/** What a place asks of a block whose input is [14, 14, 16]. */
function expectedShape(source: Source, { channels, stride, classes }: Place): Shape {
  const { type, kernel = 1, padding = 'same' } = source;
  if (type === 'classifier' || type === 'convolution-classifier') return [1, 1, classes];
  if (type === 'fully-connected') return [1, 1, channels];
  const steps = (14 - Number(kernel)) / stride;
  const rounded = padding === 'ceil' ? Math.ceil(steps) : Math.floor(steps);
  const pixels = padding === 'same' ? 14 / stride : rounded + 1;
  return [pixels, pixels, channels];
}

const outputShape = ({ nodes, output }: Graph): Shape | undefined => nodes[output]?.shape;
const signatures = (graph: Graph): readonly string[] => fuse(graph).map(({ kernel }) => kernel.signature);

test('every family has examples here', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(BLOCKS.map(({ type }) => type).sort());
});

describe.each(Object.entries(EXAMPLES))('block %s', (type, examples) => {
  const cases = examples.flatMap((source) =>
    channelsFor(type).flatMap((channels) =>
      [1, 2].map((stride) => ({ source, at: place({ channels, stride }) })),
    ),
  );

  test('puts out the channels and the reduction of its place, or one number a class', () => {
    for (const { source, at } of cases) {
      expect(outputShape(graphOf(source, at))).toEqual(expectedShape(source, at));
    }
  });

  test('lowers to the same graph each time, with names that are unique', () => {
    for (const { source, at } of cases) {
      const graph = graphOf(source, at);
      expect(graphOf(source, at)).toEqual(graph);
      expect(new Set(graph.nodes.map(({ name }) => name)).size).toBe(graph.nodes.length);
    }
  });

  test('every node but the output is read', () => {
    for (const { source, at } of cases) {
      const { nodes, output } = graphOf(source, at);
      const read = new Set([output, ...nodes.flatMap(({ inputs }) => inputs)]);
      expect(nodes.filter((_, id) => !read.has(id))).toEqual([]);
    }
  });

  test('costs more with more channels, or nothing at all', () => {
    for (const source of examples) {
      const [narrow, wide] = [16, 32].map(
        (channels) => graphCost(graphOf(source, place({ channels }), [14, 14, channels])).macs,
      );
      expect(narrow === 0 ? wide === 0 : wide! > narrow!).toBe(true);
    }
  });

  test('no op of it joins a kernel of what stands before it', () => {
    for (const { source, at } of cases) {
      const builder = new GraphBuilder();
      const before = builder.convolution(builder.input([14, 14, 4]), 16);
      const first = signatures(builder.build(before));
      const both = signatures(builder.build(addBlock(builder, before, source, at)));
      expect(both).toEqual([...first, ...signatures(graphOf(source, at))]);
    }
  });

  test('refuses a field it does not know', () => {
    expect(() => graphOf({ ...examples[0]!, colour: 'red' })).toThrow("expected no field 'colour'");
  });
});

test('the template lowers to nothing', () => {
  const builder = new GraphBuilder();
  const input = builder.input([2, 2, 2]);
  expect(template.lower(builder, input, { type: 'template' }, place())).toBe(input);
});
