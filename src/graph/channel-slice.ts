import { type ChannelGroup, convolvesChannelsApart } from './channel-groups.ts';
import type { Graph, GraphNode, NodeId } from './graph.ts';
import type { Op } from './op.ts';
import { inferShape } from './shape.ts';

/** By node, the channels of its output that stay, ascending. */
export type KeptChannels = readonly (readonly number[])[];

/** Of each group of a graph, in their order, the bundles that stay, ascending; at least one of each. */
export type KeptBundles = readonly (readonly number[])[];

/** What of each node stays where some bundles do. */
export function keptChannels(graph: Graph, groups: readonly ChannelGroup[], kept: KeptBundles): KeptChannels {
  const cut = graph.nodes.map(() => new Set<number>());
  groups.forEach(({ name, bundles }, group) => {
    const staying = new Set(kept[group]);
    if (staying.size === 0) throw new RangeError(`nothing is kept of ${name}`);
    bundles.forEach((bundle, index) => {
      if (staying.has(index)) return;
      for (const { node, channel } of bundle) cut[node]?.add(channel);
    });
  });
  return graph.nodes.map(({ shape }, node) => {
    const all = Array.from({ length: shape[2] }, (_, channel) => channel);
    return cut[node]?.size === 0 ? all : all.filter((channel) => !cut[node]?.has(channel));
  });
}

/**
 * The network without the other channels. It has the same nodes, by index and name, and computes what the network
 * would with those channels set to 0 wherever they are made: after each convolution, batch-norm, activation, ….
 */
export function sliceGraph(graph: Graph, kept: KeptChannels): Graph {
  const nodes: GraphNode[] = [];
  graph.nodes.forEach((node, id) => {
    const op = sliceOp(graph, node, id, kept);
    const shapes = node.inputs.map((input) => nodes[input]?.shape ?? [0, 0, 0]);
    nodes.push({ ...node, op, shape: inferShape(op, shapes as GraphNode['shape'][], node.name) });
  });
  return { ...graph, nodes };
}

function sliceOp(graph: Graph, node: GraphNode, id: NodeId, kept: KeptChannels): Op {
  const { op, inputs } = node;
  const input = inputs[0] ?? 0;
  const channels = kept[id]?.length ?? 0;
  switch (op.kind) {
    case 'convolution': {
      const apart = convolvesChannelsApart(node, graph.nodes[input]?.shape[2] ?? 0);
      return { ...op, channels, groups: apart ? (kept[input]?.length ?? 0) : op.groups };
    }
    case 'linear':
      return { ...op, channels };
    case 'channel-split': {
      const before = kept[input]?.filter((channel) => channel < op.offset) ?? [];
      return { ...op, offset: before.length, channels };
    }
    default:
      return op;
  }
}
