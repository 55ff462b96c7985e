import type { NodeId } from '../../../graph/graph.ts';
import type { Layer, LayerContext, NodeOf } from '../layer.ts';
import { planConvolution } from './convolution.ts';

/** A fully connected layer is a 1×1 convolution of one pixel; its weights lie in memory in the same order. */
export function planLinear(context: LayerContext, node: NodeOf<'linear'>, id: NodeId): Layer {
  const { channels, bias } = node.op;
  const op = { kind: 'convolution', channels, bias, ...ONE_BY_ONE } as const;
  return planConvolution(context, { ...node, op }, id);
}

const ONE_BY_ONE = {
  kernel: [1, 1],
  stride: [1, 1],
  dilation: [1, 1],
  groups: 1,
  padding: 'valid',
} as const;
