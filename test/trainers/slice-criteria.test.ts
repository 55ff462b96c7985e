import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { channelGroups } from '../../src/graph/channel-groups.ts';
import { keptChannels, sliceGraph } from '../../src/graph/channel-slice.ts';
import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';
import { deriveWidths } from '../../src/space/widths/width-space.ts';
import type { StoredTensor } from '../../src/trainers/safetensors.ts';
import { CRITERIA, type Criterion, importanceOf } from '../../src/trainers/slice-criteria.ts';
import { narrowNetwork } from '../../src/trainers/slice-network.ts';
import { sliceWeights } from '../../src/trainers/slice-weights.ts';

type Tensors = Map<string, StoredTensor>;

/** Two convolutions that a sum ties, the second behind a batch-norm; nodes 1, 3 and 4, the sum is 5. */
function tied(): Graph {
  const b = new GraphBuilder();
  const first = b.convolution(b.input([4, 4, 1]), 2);
  const deep = b.convolution(first, 2, { groups: 2 });
  const second = b.batchNorm(b.convolution(deep, 2));
  return b.build(b.linear(b.globalAveragePool(b.add({ kind: 'add' }, [first, second])), 3));
}

const tensor = (shape: readonly number[], values: readonly number[]): StoredTensor => ({
  shape,
  data: Float32Array.from(values),
});

const weights: Tensors = new Map([
  ['1.weight', tensor([1, 1, 1, 2], [3, -1])],
  ['2.weight', tensor([1, 1, 1, 2], [100, 0])],
  ['3.weight', tensor([1, 1, 2, 2], [4, 1, 0, -2])],
  ['4.scale', tensor([2], [-0.5, 0.75])],
  ['1.weight.velocity', tensor([1, 1, 1, 2], [1, 2])],
  ['3.weight.velocity', tensor([1, 1, 2, 2], [-1, 3, 5, 2])],
]);

describe('how much a channel matters', () => {
  const graph = tied();
  const [group] = channelGroups(graph);
  if (group === undefined) throw new RangeError('no group');

  test.each<[Criterion, readonly number[]]>([
    ['l1', [3 + 4 + 0, 1 + 1 + 2]],
    ['l2', [Math.sqrt(9 + 16), Math.sqrt(1 + 1 + 4)]],
    ['bn-gamma', [0.5, 0.75]],
    // (3·1)² + (4·−1 + 0·5)²; (−1·2)² + (1·3 − 2·2)²
    ['taylor', [9 + 16, 4 + 1]],
  ])('%s, of all filters that make it and of no depthwise one', (criterion, expected) => {
    expect(channelGroups(graph)).toHaveLength(1);
    importanceOf(graph, group, weights, criterion).forEach((found, i) => {
      expect(found).toBeCloseTo(expected[i] ?? Number.NaN, 6);
    });
  });

  test('bn-gamma goes by the norm of filters without a batch-norm', () => {
    const bare = new Map([...weights].filter(([name]) => name !== '4.scale'));
    expect(importanceOf(graph, group, bare, 'bn-gamma')).toEqual(importanceOf(graph, group, bare, 'l2'));
  });
});

describe('a narrower network', () => {
  const graph = (() => {
    const b = new GraphBuilder();
    const stem = b.convolutionUnit(b.input([6, 6, 3]), 8, 'relu', { kernel: 3 });
    const wide = b.convolutionUnit(stem, 24, 'prelu');
    const deep = b.convolutionUnit(wide, 24, 'relu', { kernel: 3, groups: 24 });
    const sum = b.add({ kind: 'add' }, [stem, b.batchNorm(b.convolution(deep, 8, { groups: 2 }))]);
    return b.build(b.linear(b.globalAveragePool(sum), 5));
  })();
  const space = deriveWidths(graph);
  const rng = createRng('weights');
  const random: Tensors = new Map(
    graph.nodes.flatMap(({ op, inputs, shape: [, , channels] }, id): [string, StoredTensor][] => {
      const values = (shape: readonly number[]): StoredTensor =>
        tensor(
          shape,
          Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
        );
      const read = graph.nodes[inputs[0] ?? 0]?.shape[2] ?? 0;
      if (op.kind === 'convolution') {
        const shape = [...op.kernel, read / op.groups, channels];
        return ['weight', 'weight.velocity'].map((role) => [`${id}.${role}`, values(shape)]);
      }
      if (op.kind === 'linear') return [[`${id}.weight`, values([read, channels])]];
      return op.kind === 'batch-norm' ? [[`${id}.scale`, values([channels])]] : [];
    }),
  );
  const whole = space.groups.map(({ bundles }) => bundles.map((_, i) => i));

  test.each(CRITERIA.filter((criterion) => criterion !== 'taylor'))(
    'in two steps by %s keeps what matters most, with the weights of what it keeps',
    (criterion) => {
      const first = space.groups.map(({ bundles }) => Math.max(1, bundles.length - 2));
      const second = space.groups.map(({ bundles }, i) => Math.max(1, bundles.length - 2 - 2 * i));
      const wide = { space, kept: whole, tensors: random };
      const once = narrowNetwork(wide, first, criterion);
      const twice = narrowNetwork({ ...wide, kept: once.kept, tensors: once.tensors }, second, criterion);
      expect(twice.kept.map(({ length }) => length)).toEqual(second);
      for (const [i, kept] of twice.kept.entries()) {
        expect(once.kept[i]).toEqual(expect.arrayContaining([...kept]));
      }
      // Whatever the way there, it is the whole network without the rest.
      const channels = keptChannels(graph, space.groups, twice.kept);
      expect(twice.graph).toEqual(sliceGraph(graph, channels));
      expect(twice.tensors).toEqual(sliceWeights(graph, channels, random));
      const [group] = space.groups;
      const [staying = []] = once.kept;
      if (group === undefined) throw new RangeError('no group');
      const importance = importanceOf(graph, group, random, criterion);
      const cut = importance.filter((_, i) => !staying.includes(i));
      expect(Math.max(...cut)).toBeLessThanOrEqual(Math.min(...staying.map((i) => importance[i] ?? 0)));
    },
  );

  test('ranks by the weights of another file where there is one', () => {
    const reversed = new Map(
      [...random].map(([name, { shape, data }]): [string, StoredTensor] => [
        name,
        name.endsWith('weight') ? { shape, data: data.map((value) => 1 / value) } : { shape, data },
      ]),
    );
    const widths = space.groups.map(({ bundles }) => Math.ceil(bundles.length / 2));
    const wide = { space, kept: whole, tensors: random };
    const other = narrowNetwork({ ...wide, rankedBy: reversed }, widths, 'l1');
    expect(other.kept).not.toEqual(narrowNetwork(wide, widths, 'l1').kept);
    expect(other.tensors).toEqual(sliceWeights(graph, keptChannels(graph, space.groups, other.kept), random));
  });
});
