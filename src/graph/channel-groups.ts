import type { Graph, GraphNode, NodeId } from './graph.ts';

/** One channel of one node's output. */
export interface Channel {
  readonly node: NodeId;
  readonly channel: number;
}

/** Channels, through the whole graph, that can only be cut together: by node, then by channel. */
export type ChannelBundle = readonly Channel[];

/**
 * Bundles that are alike: each has as many channels of the same nodes. How many of them are kept is one width of the
 * network, such as an expansion's or that of the bottleneck which several blocks share.
 */
export interface ChannelGroup {
  /** The first node that has channels of it. */
  readonly name: string;
  /** By their first channels. */
  readonly bundles: readonly ChannelBundle[];
}

/**
 * The widths of a network, derived from its ops alone; what is fixed, the input and the classes, is in none.
 *
 * A convolution or a linear layer makes its channels anew; all else hands them on: sums and products tie the channels of
 * their inputs, concatenations, splits and shuffles move them, a depthwise convolution ties each of its channels to the
 * one it is made of. Group convolutions and shuffles need groups of one size, so they tie the channels that stand at the
 * same position of each group: what is cut of one group is cut of all.
 */
export function channelGroups(graph: Graph): readonly ChannelGroup[] {
  const starts = startsOf(graph);
  const total = starts.at(-1) ?? 0;
  // One more element than there are channels: what is tied to it is fixed.
  const ties = new Ties(total + 1);
  graph.nodes.forEach((node, id) => {
    tieChannels(graph, node, id, starts, ties, total);
  });
  const output = graph.nodes[graph.output];
  for (let channel = 0; channel < (output?.shape[2] ?? 0); channel++) {
    ties.tie((starts[graph.output] ?? 0) + channel, total);
  }
  const bundles = new Map<number, Channel[]>();
  const fixed = ties.rootOf(total);
  graph.nodes.forEach(({ shape }, node) => {
    for (let channel = 0; channel < shape[2]; channel++) {
      const root = ties.rootOf((starts[node] ?? 0) + channel);
      if (root === fixed) continue;
      const bundle = bundles.get(root);
      if (bundle === undefined) bundles.set(root, [{ node, channel }]);
      else bundle.push({ node, channel });
    }
  });
  const groups = new Map<string, ChannelBundle[]>();
  for (const bundle of bundles.values()) {
    const key = [...channelsByNode(bundle)].join();
    const alike = groups.get(key);
    if (alike === undefined) groups.set(key, [bundle]);
    else alike.push(bundle);
  }
  return [...groups.values()].map((alike) => ({
    name: graph.nodes[alike[0]?.[0]?.node ?? 0]?.name ?? '',
    bundles: alike,
  }));
}

/** How many channels of each node a bundle has, of those that it has any of. */
export function channelsByNode(bundle: ChannelBundle): ReadonlyMap<NodeId, number> {
  const counts = new Map<NodeId, number>();
  for (const { node } of bundle) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

/** Whether each input channel is convolved on its own: as many groups as channels. */
export function convolvesChannelsApart({ op }: GraphNode, inputChannels: number): boolean {
  return op.kind === 'convolution' && op.groups > 1 && op.groups === inputChannels;
}

/** Where the channels of each node begin in one row of all; the last entry is how many there are. */
function startsOf({ nodes }: Graph): readonly number[] {
  const starts = [0];
  for (const { shape } of nodes) starts.push((starts.at(-1) ?? 0) + shape[2]);
  return starts;
}

function tieChannels(
  graph: Graph,
  node: GraphNode,
  id: NodeId,
  starts: readonly number[],
  ties: Ties,
  fixed: number,
): void {
  const { op, inputs, shape } = node;
  const channels = shape[2];
  const at = (of: NodeId | undefined, channel: number): number => (starts[of ?? 0] ?? 0) + channel;
  const channelsOf = (of: NodeId | undefined): number => graph.nodes[of ?? 0]?.shape[2] ?? 0;
  const [first] = inputs;
  switch (op.kind) {
    case 'input':
      for (let c = 0; c < channels; c++) ties.tie(at(id, c), fixed);
      return;
    case 'linear':
      return;
    case 'convolution': {
      if (op.groups === 1) return;
      const [read, made] = [channelsOf(first) / op.groups, channels / op.groups];
      if (convolvesChannelsApart(node, channelsOf(first))) {
        for (let c = 0; c < channels; c++) ties.tie(at(id, c), at(first, Math.floor(c / made)));
        return;
      }
      for (let c = read; c < channelsOf(first); c++) ties.tie(at(first, c), at(first, c % read));
      for (let c = made; c < channels; c++) ties.tie(at(id, c), at(id, c % made));
      return;
    }
    case 'concat': {
      let offset = 0;
      for (const input of inputs) {
        for (let c = 0; c < channelsOf(input); c++) ties.tie(at(id, offset + c), at(input, c));
        offset += channelsOf(input);
      }
      return;
    }
    case 'channel-split':
      for (let c = 0; c < channels; c++) ties.tie(at(id, c), at(first, op.offset + c));
      return;
    case 'channel-shuffle': {
      const length = channels / op.groups;
      for (let c = 0; c < channels; c++) {
        const [group, position] = [Math.floor(c / length), c % length];
        ties.tie(at(id, position * op.groups + group), at(first, c));
        ties.tie(at(first, c), at(first, position));
      }
      return;
    }
    default:
      // Batch-norm, activations, pools, sums and products: channel for channel.
      for (const input of inputs) for (let c = 0; c < channels; c++) ties.tie(at(id, c), at(input, c));
  }
}

/** Sets that grow together (union–find with path halving). */
class Ties {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, i) => i);
  }

  rootOf(element: number): number {
    const parents = this.#parents;
    let at = element;
    for (let parent = parents[at] ?? at; parent !== at; parent = parents[at] ?? at) {
      parents[at] = parents[parent] ?? parent;
      at = parents[at] ?? at;
    }
    return at;
  }

  tie(a: number, b: number): void {
    const [x, y] = [this.rootOf(a), this.rootOf(b)];
    this.#parents[Math.max(x, y)] = Math.min(x, y);
  }
}
