import { describe, expect, test } from 'vitest';
import { template } from '../../src/blocks/_template/template.ts';
import type { Place } from '../../src/blocks/block.ts';
import { BLOCKS } from '../../src/blocks/index.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { fuse } from '../../src/graph/fusion.ts';
import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';
import type { Shape } from '../../src/graph/op.ts';
import { EXAMPLES } from './examples.ts';
import { addBlock, graphOf, place, type Source } from './lower.ts';

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
