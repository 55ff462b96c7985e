import { describe, expect, test } from 'vitest';
import { channelGroups } from '../../../src/graph/channel-groups.ts';
import { graphCost } from '../../../src/graph/cost.ts';
import { type Graph, GraphBuilder } from '../../../src/graph/graph.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { parseSpace } from '../../../src/space/search-space.ts';
import { layerFractions, widthsOfFractions } from '../../../src/space/widths/layer-fractions.ts';
import {
  deriveWidths,
  fullWidths,
  graphOfWidths,
  narrowerWidths,
} from '../../../src/space/widths/width-space.ts';
import { proposeCuts } from '../../../src/strategies/netadapt/propose.ts';
import { requiredCutMs } from '../../../src/strategies/netadapt/reduction.ts';
import { chooseProposal } from '../../../src/strategies/netadapt/rules.ts';
import { DOCUMENTS, NETWORKS } from '../../space/shipped.ts';

describe('the rule', () => {
  const current = { accuracy: 0.8, latencyMs: 10 };
  const proposals = [
    { accuracy: 0.78, latencyMs: 9.8 }, // loses 0.1 a millisecond
    { accuracy: 0.77, latencyMs: 9.5 }, // 0.06
    undefined,
    { accuracy: 0.6, latencyMs: 9 }, // 0.2
  ];

  test('of MobileNetV3 takes the least accuracy lost a millisecond, although another is more accurate', () => {
    expect(chooseProposal('mobilenet-v3', current, proposals)).toBe(1);
  });

  test('of NetAdapt takes the most accurate', () => {
    expect(chooseProposal('netadapt', current, proposals)).toBe(0);
  });

  test('minds the sign: a proposal that gains is ahead of all that lose, the faster gain ahead', () => {
    const gains = [...proposals, { accuracy: 0.81, latencyMs: 9 }, { accuracy: 0.81, latencyMs: 9.5 }];
    expect(chooseProposal('mobilenet-v3', current, gains)).toBe(5);
  });

  test('of equals takes the first, of none none', () => {
    expect(chooseProposal('netadapt', current, [current, current])).toBe(0);
    expect(chooseProposal('mobilenet-v3', current, [undefined])).toBeUndefined();
  });
});

test('the cut falls from step to step to a quarter, and never goes beyond the target', () => {
  const reduction = { step: 0.01, decay: 0.96 };
  expect(requiredCutMs(reduction, 0, 50, 20)).toBeCloseTo(0.5, 12);
  expect(requiredCutMs(reduction, 10, 50, 20)).toBeCloseTo(0.5 * 0.96 ** 10, 12);
  expect(requiredCutMs(reduction, 100, 50, 20)).toBeCloseTo(0.125, 12);
  expect(requiredCutMs(reduction, 0, 50, 49.9)).toBeCloseTo(0.1, 12);
});

/** A stem, one inverted residual on it, and a classifier, at some widths. */
function network(stem: number, expanded: number, classes = 10): Graph {
  const b = new GraphBuilder();
  const input = b.convolutionUnit(b.input([16, 16, 3]), stem, 'relu', { kernel: 3 });
  const wide = b.within('expand', () => b.convolutionUnit(input, expanded, 'relu'));
  const deep = b.within('depthwise', () =>
    b.convolutionUnit(wide, expanded, 'relu', { kernel: 3, groups: expanded }),
  );
  const sum = b.add({ kind: 'add' }, [input, b.convolution(deep, stem)]);
  return b.build(b.linear(b.globalAveragePool(sum), classes));
}

describe('proposals', () => {
  const space = deriveWidths(network(24, 96));
  /** Time as of a runtime that computes 16 channels at once. */
  const tiled = (graph: Graph): number =>
    graph.nodes.reduce(
      (sum, { op, shape }) => sum + (op.kind === 'convolution' ? Math.ceil(shape[2] / 16) : 0),
      0,
    );
  const estimate = async (graphs: readonly Graph[]) =>
    graphs.map((graph) => ({ latencyMs: tiled(graph), interpolated: 0 }));
  const start = { widths: fullWidths(space), latencyMs: tiled(space.graph) };

  test('are the widest of each group that cut enough: whole tiles, not channels for nothing', async () => {
    // 96 channels twice: 80 saves one tile in each, 72 would not save more. 24 channels twice: 16 does.
    const found = await proposeCuts(space, start, 2, 8, estimate);
    expect(found.map(({ width, latencyMs }) => [width, latencyMs])).toEqual([
      [16, start.latencyMs - 2],
      [80, start.latencyMs - 2],
    ]);
    const more = await proposeCuts(space, start, 2.5, 8, estimate);
    expect(more.map(({ width }) => width)).toEqual([64]);
  });

  test('pass over widths of which nothing is known', async () => {
    const known = async (graphs: readonly Graph[]) =>
      (await estimate(graphs)).map((found, i) =>
        graphs[i]?.nodes.some(({ shape }) => shape[2] === 80 || shape[2] === 16) ? undefined : found,
      );
    const found = await proposeCuts(space, start, 2, 8, known);
    // 16 of 24 and 80 of 96 would do, were they known.
    expect(found.map(({ width }) => width)).toEqual([12, 72]);
  });

  test('of widths go down in tiles where there are enough channels, and end with one', () => {
    const widths = (channels: number, from = channels) => {
      const [group] = channelGroups(network(channels, 4 * channels));
      return group === undefined ? [] : [...narrowerWidths(group, from, 8)];
    };
    expect(widths(40)).toEqual([32, 24, 16, 8]);
    expect(widths(40, 27)).toEqual([24, 16, 8]);
    expect(widths(16)).toEqual([12, 8, 4]);
    expect(widths(4)).toEqual([3, 2, 1]);
  });
});

describe('parts of layers', () => {
  const deployed = deriveWidths(network(32, 128));

  test('bring the widths of the deployed network to the size that is trained', () => {
    const trained = deriveWidths(network(16, 48, 5));
    const widths = [24, 32];
    expect(layerFractions(deployed, widths)).toMatchObject({ 'expand.convolution': 0.25, convolution: 0.75 });
    const [stem, expanded] = widthsOfFractions(trained, layerFractions(deployed, widths));
    expect([stem, expanded]).toEqual([12, 12]);
    expect(graphCost(graphOfWidths(trained, [12, 12]))).toEqual(graphCost(network(12, 12, 5)));
  });

  test('of the same size give the same widths', () => {
    for (const widths of [
      [32, 128],
      [1, 1],
      [7, 99],
    ]) {
      expect(widthsOfFractions(deployed, layerFractions(deployed, widths))).toEqual(widths);
    }
  });

  test.each([...NETWORKS])('narrow %s in both sizes to the same parts', (_name, architecture) => {
    const space = deriveWidths(buildGraph(architecture));
    const widths = space.groups.map(({ bundles }, i) =>
      Math.max(1, Math.round((0.4 + 0.05 * (i % 9)) * bundles.length)),
    );
    const narrowed = layerFractions(space, widths);
    expect(buildGraph({ ...architecture, narrowed })).toEqual(graphOfWidths(space, widths));
    // Networks with group convolutions have few and large bundles.
    const grouped = space.graph.nodes.some(
      ({ op, shape }) => op.kind === 'convolution' && op.groups > 1 && op.groups !== shape[2],
    );
    if (grouped) return;
    const small = { width: 0.5, resolution: 64, classes: 10, divisor: 4 };
    const [whole, narrow] = [
      buildGraph(architecture, small),
      buildGraph({ ...architecture, narrowed }, small),
    ];
    const parts = narrow.nodes.flatMap(({ name: layer, op, shape }, node) => {
      const all = whole.nodes[node]?.shape[2] ?? 0;
      // Parts of layers behind splits and concatenations round apart from each other.
      if (op.kind !== 'convolution' && op.kind !== 'linear') return [];
      return [Math.abs(shape[2] - (narrowed[layer] ?? 1) * all) / Math.max(8, all)];
    });
    expect(Math.max(...parts)).toBeLessThan(0.2);
  });

  test('are of one network, never of a space of several', () => {
    const several = { ...(DOCUMENTS.get('mobile') as object), narrowed: { 'stages.0.0.convolution': 0.5 } };
    expect(() => parseSpace(several, 'mobile')).toThrow('mobile: narrowed: layers of one network');
  });

  test('are none where nothing is cut', () => {
    expect(layerFractions(deployed, fullWidths(deployed))).toEqual({});
  });
});
