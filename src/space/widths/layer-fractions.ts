import { digestOf } from '../../base/digest.ts';
import { type ChannelBundle, channelsByNode } from '../../graph/channel-groups.ts';
import type { Graph, NodeId } from '../../graph/graph.ts';
import { deriveWidths, graphOfWidths, type WidthSpace, type Widths } from './width-space.ts';

/**
 * Of each layer that is narrower than it was, by its name, the part of its channels that is left. Where the channels of a
 * layer are of several groups, as behind the splits of ShuffleNetV2, the parts of those as well, as `<layer>#<group>`.
 */
export type LayerFractions = Readonly<Record<string, number>>;

/**
 * One network has two sizes: latency is that of the network as it is deployed, accuracy that of a smaller one. So widths
 * are held as parts of the deployed network's layers, which stand under the same names in both sizes, and brought to the
 * size that is trained by `widthsOfFractions`.
 */
export function layerFractions(space: WidthSpace, widths: Widths): LayerFractions {
  const { graph, groups } = space;
  const narrow = graphOfWidths(space, widths);
  const groupsOf = new Map<NodeId, number[]>();
  groups.forEach(({ bundles }, group) => {
    for (const node of channelsByNode(bundles[0] ?? []).keys()) {
      groupsOf.set(node, [...(groupsOf.get(node) ?? []), group]);
    }
  });
  const fractions: Record<string, number> = {};
  graph.nodes.forEach(({ name, shape }, node) => {
    const left = narrow.nodes[node]?.shape[2] ?? 0;
    if (!isLayer(graph, node) || left === shape[2]) return;
    fractions[name] = left / shape[2];
    const several = groupsOf.get(node) ?? [];
    if (several.length < 2) return;
    for (const group of several) {
      const { bundles = [] } = groups[group] ?? {};
      fractions[nameWithin(graph, name, bundles[0] ?? [])] = (widths[group] ?? 0) / bundles.length;
    }
  });
  return fractions;
}

/**
 * The widths that come nearest to those parts in any size of the same network, rounded to whole bundles, at least one; in
 * the size that the parts are of, exactly those. A group goes by the layers of which it makes up most, as nearly all make
 * up the whole of theirs. Where a stride that is left out adds a sum, so that layers share a width which do not when
 * deployed, the narrowest of them tells: the network that is trained is no wider than the deployed one.
 */
export function widthsOfFractions({ graph, groups }: WidthSpace, fractions: LayerFractions): Widths {
  return groups.map(({ bundles }) => {
    const [bundle = []] = bundles;
    const parts = mainLayers(graph, bundle).map(
      (layer) => fractions[nameWithin(graph, layer, bundle)] ?? fractions[layer] ?? 1,
    );
    return Math.max(1, Math.round(Math.min(1, ...parts) * bundles.length));
  });
}

/** A network with its layers as narrow as some fractions say. */
export function narrowGraph(graph: Graph, fractions: LayerFractions): Graph {
  if (Object.keys(fractions).length === 0) return graph;
  const space = deriveWidths(graph);
  return graphOfWidths(space, widthsOfFractions(space, fractions));
}

/** The layers of which a bundle has the largest part, by name. */
function mainLayers(graph: Graph, bundle: ChannelBundle): readonly string[] {
  const shares = [...channelsByNode(bundle)].flatMap(([node, count]) => {
    const { name = '', shape } = graph.nodes[node] ?? {};
    return isLayer(graph, node) ? [{ name, share: count / (shape?.[2] ?? 1) }] : [];
  });
  const most = Math.max(...shares.map(({ share }) => share));
  return shares.filter(({ share }) => share === most).map(({ name }) => name);
}

function isLayer(graph: Graph, node: NodeId): boolean {
  const kind = graph.nodes[node]?.op.kind;
  return kind === 'convolution' || kind === 'linear';
}

/** A layer, and by the layers of its bundles which of the groups that it has channels of. */
function nameWithin(graph: Graph, layer: string, bundle: ChannelBundle): string {
  const places = [...channelsByNode(bundle)].map(([node, count]) => [graph.nodes[node]?.name, count]);
  return `${layer}#${digestOf(places).slice(0, 8)}`;
}
