import { describe, expect, test } from 'vitest';
import { channelGroups, channelsByNode } from '../../src/graph/channel-groups.ts';
import { keptChannels, sliceGraph } from '../../src/graph/channel-slice.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';
import { buildGraph } from '../../src/space/network.ts';
import { NETWORKS } from '../space/shipped.ts';

function build(add: (builder: GraphBuilder) => number): Graph {
  const builder = new GraphBuilder();
  return builder.build(add(builder));
}

/** Names of the nodes of a group's first bundle, and how many bundles there are. */
const outline = (graph: Graph) =>
  channelGroups(graph).map(({ bundles }) => [
    bundles.length,
    [...channelsByNode(bundles[0] ?? [])].map(([node, count]) => `${graph.nodes[node]?.name} ${count}`),
  ]);

describe('the widths of a network', () => {
  test('an inverted residual: the expansion with its depthwise and gate, the squeeze, and what the sum ties', () => {
    const graph = build((b) => {
      const stem = b.convolution(b.input([8, 8, 3]), 4);
      const expanded = b.convolutionUnit(stem, 12, 'relu');
      const deep = b.convolution(expanded, 12, { kernel: 3, groups: 12 });
      const gate = b.linear(b.linear(b.globalAveragePool(deep), 5), 12);
      const scaled = b.add({ kind: 'multiply' }, [deep, gate]);
      const sum = b.add({ kind: 'add' }, [stem, b.convolution(scaled, 4)]);
      return b.linear(b.globalAveragePool(sum), 10);
    });
    expect(outline(graph)).toEqual([
      [4, ['convolution 1', 'convolution4 1', 'add 1', 'global-average-pool2 1']],
      [
        12,
        [
          'convolution2 1',
          'batch-norm 1',
          'activation 1',
          'convolution3 1',
          'global-average-pool 1',
          'linear2 1',
          'multiply 1',
        ],
      ],
      [5, ['linear 1']],
    ]);
  });

  test('group convolutions and shuffles tie positions, so that groups stay of one size', () => {
    const graph = build((b) => {
      const stem = b.convolution(b.input([8, 8, 3]), 12);
      const shuffled = b.add({ kind: 'channel-shuffle', groups: 3 }, [stem]);
      return b.convolution(b.convolution(shuffled, 8, { groups: 2 }), 10);
    });
    // Position p of 4 in each third of the stem goes to 3p, 3p + 1 and 3p + 2, of which each half takes six.
    expect(outline(graph)).toEqual([
      [2, ['convolution 6', 'channel-shuffle 6']],
      [4, ['convolution2 2']],
    ]);
  });

  test('a sum with the image, and what the classes are made of channel by channel, cannot be cut', () => {
    const graph = build((b) => {
      const input = b.input([8, 8, 3]);
      const sum = b.add({ kind: 'add' }, [input, b.convolution(b.convolution(input, 6), 3)]);
      return b.batchNorm(b.convolution(sum, 10));
    });
    expect(outline(graph)).toEqual([[6, ['convolution 1']]]);
  });

  test('mobilenet-v3-small: widths as its paper prints them, of the stem, 10 expansions, 6 bottlenecks, the head', () => {
    const architecture = NETWORKS.get('mobilenet-v3-small');
    if (architecture === undefined) throw new RangeError('no mobilenet-v3-small');
    const graph = buildGraph(architecture);
    const counts = channelGroups(graph)
      .map(({ bundles }) => bundles.length)
      .sort((a, b) => a - b);
    const widths = [16, 16, 24, 40, 48, 96, 576, 1024];
    const expansions = [72, 88, 96, 240, 240, 120, 144, 288, 576, 576];
    const squeezes = [8, 24, 64, 64, 32, 40, 72, 144, 144];
    expect(counts).toEqual([...widths, ...expansions, ...squeezes].sort((a, b) => a - b));
  });
});

test('a sliced network has the widths asked for, and keeps its nodes', () => {
  const architecture = NETWORKS.get('mobilenet-v2');
  if (architecture === undefined) throw new RangeError('no mobilenet-v2');
  const graph = buildGraph(architecture);
  const groups = channelGroups(graph);
  // Every other bundle of each group is what width ½ builds, but for the last layer, which that does not narrow.
  const kept = groups.map(({ bundles }) =>
    bundles.map((_, i) => i).filter((i) => i % 2 === 0 || bundles.length === 1280),
  );
  const sliced = sliceGraph(graph, keptChannels(graph, groups, kept));
  expect(sliced.nodes.map(({ name }) => name)).toEqual(graph.nodes.map(({ name }) => name));
  const halves = sliced.nodes.map(({ shape }, i) => shape[2] / (graph.nodes[i]?.shape[2] ?? 0));
  expect(new Set(halves)).toEqual(new Set([0.5, 1]));
  const half = buildGraph(architecture, { width: 0.5, divisor: 2 });
  expect(graphCost(sliced)).toEqual(graphCost(half));
});
