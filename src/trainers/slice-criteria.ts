import { type ChannelGroup, convolvesChannelsApart } from '../graph/channel-groups.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import type { Safetensors } from './safetensors.ts';

export const CRITERIA = ['l1', 'l2', 'bn-gamma', 'taylor'] as const;

/**
 * By what it is told which channels matter least. `l1`, `l2`: the norm of all filters that make channels of a bundle,
 * taken together; NetAdapt's is L2 (arXiv:1804.03230, section 3.3). `bn-gamma`: the magnitude of their batch-norms' scales
 * (arXiv:1708.06519), or L2 in a group that has none. `taylor`: what the loss would change to first order,
 * (Σ gradient · weight)² of each filter (arXiv:1906.10771, equation 8), where the gradient is the average that the
 * momentum of SGD keeps beside the weight as its velocity.
 */
export type Criterion = (typeof CRITERIA)[number];

type Tensors = Safetensors['tensors'];

/**
 * How much each bundle of a group matters. A depthwise convolution does not count as making a channel: it hands one on
 * that another made.
 */
export function importanceOf(
  graph: Graph,
  group: ChannelGroup,
  tensors: Tensors,
  criterion: Criterion,
): readonly number[] {
  if (criterion === 'bn-gamma') {
    const scaled = sumOverBundles(group, (node) => absoluteOf(tensors, node));
    return scaled.some((sum) => sum > 0) ? scaled : importanceOf(graph, group, tensors, 'l2');
  }
  const known = new Map<NodeId, ArrayLike<number> | undefined>();
  return sumOverBundles(group, (node) => {
    if (!known.has(node))
      known.set(node, makesChannels(graph, node) ? filtersOf(tensors, node, criterion) : undefined);
    return known.get(node);
  }).map((sum) => (criterion === 'l2' ? Math.sqrt(sum) : sum));
}

function makesChannels(graph: Graph, id: NodeId): boolean {
  const node = graph.nodes[id];
  if (node?.op.kind === 'linear') return true;
  const inputChannels = graph.nodes[node?.inputs[0] ?? 0]?.shape[2] ?? 0;
  return node?.op.kind === 'convolution' && !convolvesChannelsApart(node, inputChannels);
}

/** The sum over all channels of each bundle, of what their nodes say of them. */
function sumOverBundles(
  { bundles }: ChannelGroup,
  ofNode: (node: NodeId) => ArrayLike<number> | undefined,
): readonly number[] {
  return bundles.map((bundle) =>
    bundle.reduce((sum, { node, channel }) => sum + (ofNode(node)?.[channel] ?? 0), 0),
  );
}

function absoluteOf(tensors: Tensors, node: NodeId): ArrayLike<number> | undefined {
  return tensors.get(`${node}.scale`)?.data.map(Math.abs);
}

/** Of each filter of a node, what the criterion sums over them. */
function filtersOf(tensors: Tensors, node: NodeId, criterion: 'l1' | 'l2' | 'taylor'): ArrayLike<number> {
  const name = `${node}.weight`;
  const { data, shape } = tensorOf(tensors, name);
  const velocity = criterion === 'taylor' ? tensorOf(tensors, `${name}.velocity`).data : undefined;
  const filters = shape.at(-1) ?? 0;
  const sums = new Float64Array(filters);
  data.forEach((weight, index) => {
    const term =
      criterion === 'l1'
        ? Math.abs(weight)
        : criterion === 'l2'
          ? weight ** 2
          : weight * (velocity?.[index] ?? 0);
    sums[index % filters] = (sums[index % filters] ?? 0) + term;
  });
  return criterion === 'taylor' ? sums.map((sum) => sum ** 2) : sums;
}

function tensorOf(tensors: Tensors, name: string) {
  const found = tensors.get(name);
  if (found === undefined) throw new RangeError(`no tensor ${name}`);
  return found;
}
