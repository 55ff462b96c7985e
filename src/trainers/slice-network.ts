import type { ChannelGroup } from '../graph/channel-groups.ts';
import { type KeptBundles, type KeptChannels, keptChannels, sliceGraph } from '../graph/channel-slice.ts';
import type { Graph } from '../graph/graph.ts';
import type { WidthSpace, Widths } from '../space/widths/width-space.ts';
import type { Safetensors, StoredTensor } from './safetensors.ts';
import { type Criterion, importanceOf } from './slice-criteria.ts';
import { sliceWeights } from './slice-weights.ts';

type Tensors = Safetensors['tensors'];

/** A network narrower than another, and what it inherits of it. */
export interface NarrowNetwork {
  /** Of the groups of the whole network. */
  readonly kept: KeptBundles;
  readonly graph: Graph;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** The part of a network that is there before it is made narrower. */
export interface WideNetwork {
  readonly space: WidthSpace;
  readonly kept: KeptBundles;
  /** Of the network with what is kept, not of the whole. */
  readonly tensors: Tensors;
  /** By which bundles are ranked; the same where left out. */
  readonly rankedBy?: Tensors;
}

/** Keeps, of each group of a network, as many of its bundles as asked: those that matter most, in their order. */
export function narrowNetwork(
  { space: { graph, groups }, kept, tensors, rankedBy = tensors }: WideNetwork,
  widths: Widths,
  criterion: Criterion,
): NarrowNetwork {
  const channels = keptChannels(graph, groups, kept);
  const wide = sliceGraph(graph, channels);
  const places = channels.map((of) => new Map(of.map((channel, place) => [channel, place])));
  const staying = groups.map((group, index) => {
    const candidates = kept[index] ?? [];
    const width = widths[index] ?? 0;
    if (width >= candidates.length) return candidates;
    const importance = importanceOf(wide, inWide(group, candidates, places), rankedBy, criterion);
    return mostImportant(candidates, importance, width);
  });
  const stayingChannels = keptChannels(graph, groups, staying);
  const inheriting: KeptChannels = stayingChannels.map((of, node) =>
    of.map((channel) => places[node]?.get(channel) ?? 0),
  );
  return {
    kept: staying,
    graph: sliceGraph(graph, stayingChannels),
    tensors: sliceWeights(wide, inheriting, tensors),
  };
}

/** A group of the whole network as it is in the one before. */
function inWide(
  { name, bundles }: ChannelGroup,
  candidates: readonly number[],
  places: readonly ReadonlyMap<number, number>[],
): ChannelGroup {
  return {
    name,
    bundles: candidates.map((candidate) =>
      (bundles[candidate] ?? []).map(({ node, channel }) => ({
        node,
        channel: places[node]?.get(channel) ?? 0,
      })),
    ),
  };
}

function mostImportant(
  candidates: readonly number[],
  importance: readonly number[],
  count: number,
): readonly number[] {
  return candidates
    .map((bundle, i) => ({ bundle, importance: importance[i] ?? 0 }))
    .sort((a, b) => b.importance - a.importance || a.bundle - b.bundle)
    .slice(0, count)
    .map(({ bundle }) => bundle)
    .sort((a, b) => a - b);
}
