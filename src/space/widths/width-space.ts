import { type ChannelGroup, channelGroups, channelsByNode } from '../../graph/channel-groups.ts';
import { type KeptBundles, keptChannels, sliceGraph } from '../../graph/channel-slice.ts';
import type { Graph } from '../../graph/graph.ts';

/** All narrower versions of one network: one width for each group of channels that can be cut. */
export interface WidthSpace {
  readonly graph: Graph;
  readonly groups: readonly ChannelGroup[];
}

/** Of each group, how many of its bundles there are left; at least one. */
export type Widths = readonly number[];

export function deriveWidths(graph: Graph): WidthSpace {
  return { graph, groups: channelGroups(graph) };
}

export function fullWidths({ groups }: WidthSpace): Widths {
  return groups.map(({ bundles }) => bundles.length);
}

/** How many channels of the layer that a group is named after go with each of its bundles. */
export function channelsPerBundle({ bundles: [bundle = []] }: ChannelGroup): number {
  return channelsByNode(bundle).get(bundle[0]?.node ?? 0) ?? 1;
}

/** The network of some widths: its cost and its latency, which do not depend on which bundles are kept. */
export function graphOfWidths({ graph, groups }: WidthSpace, widths: Widths): Graph {
  const kept: KeptBundles = widths.map((width) => Array.from({ length: width }, (_, bundle) => bundle));
  return sliceGraph(graph, keptChannels(graph, groups, kept));
}

/**
 * The widths below one, widest first: runtimes compute channels in tiles, so those are multiples of the divisor to which
 * the network's channels are rounded, or of as much of it as leaves a group four steps. None is narrower than a step.
 */
export function* narrowerWidths(group: ChannelGroup, width: number, divisor: number): Generator<number> {
  const perBundle = channelsPerBundle(group);
  let channels = divisor;
  while (channels > 1 && 4 * channels > group.bundles.length * perBundle) channels = Math.ceil(channels / 2);
  const step = Math.max(1, Math.floor(channels / perBundle));
  for (let next = Math.ceil(width / step - 1) * step; next >= step; next -= step) yield next;
}
