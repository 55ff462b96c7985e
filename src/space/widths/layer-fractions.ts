import { channelsByNode } from '../../graph/channel-groups.ts';
import type { Graph } from '../../graph/graph.ts';
import { graphOfWidths, type WidthSpace, type Widths } from './width-space.ts';

/** Of each layer that is narrower than it was, by its name, the part of its channels that is left. */
export type LayerFractions = Readonly<Record<string, number>>;

/**
 * One network has two sizes: latency is that of the network as it is deployed, accuracy that of a smaller one. So widths
 * are held as parts of the deployed network's layers, which stand under the same names in both sizes, and brought to the
 * size that is trained by `widthsOfFractions`.
 */
export function layerFractions(space: WidthSpace, widths: Widths): LayerFractions {
  const narrow = graphOfWidths(space, widths);
  return Object.fromEntries(
    space.graph.nodes.flatMap(({ name, op, shape }, node) => {
      const left = narrow.nodes[node]?.shape[2] ?? 0;
      const hasWeights = op.kind === 'convolution' || op.kind === 'linear';
      return hasWeights && left < shape[2] ? [[name, left / shape[2]]] : [];
    }),
  );
}

/**
 * The widths that come nearest to those fractions in another size of the same network, rounded to whole bundles, at least
 * one. Each group goes by the layer of which it makes up most: of a group that is all of a layer, as nearly all are, the
 * fraction is exactly that layer's; of one that is a part of a layer, as behind the splits of ShuffleNetV2, it is the mean of
 * what is left of the layer. Where both sizes have as many channels the widths are the same.
 */
export function widthsOfFractions({ graph, groups }: WidthSpace, fractions: LayerFractions): Widths {
  return groups.map(({ bundles }) => {
    const name = mainLayer(graph, bundles[0] ?? []);
    const fraction = (name === undefined ? undefined : fractions[name]) ?? 1;
    return Math.max(1, Math.round(fraction * bundles.length));
  });
}

function mainLayer(graph: Graph, bundle: Parameters<typeof channelsByNode>[0]): string | undefined {
  let best: { readonly name: string; readonly share: number } | undefined;
  for (const [id, count] of channelsByNode(bundle)) {
    const node = graph.nodes[id];
    if (node === undefined || (node.op.kind !== 'convolution' && node.op.kind !== 'linear')) continue;
    const share = count / node.shape[2];
    if (best === undefined || share > best.share) best = { name: node.name, share };
  }
  return best?.name;
}
