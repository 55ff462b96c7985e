import type { ConvolutionOptions, GraphBuilder, NodeId } from '../graph/graph.ts';
import type { Activation } from './fields.ts';

/** Convolution and activation with, between them, a batch-norm; or without one, and then the convolution has a bias. */
export function convolutionLayer(
  builder: GraphBuilder,
  input: NodeId,
  channels: number,
  { batchNorm, activation }: { readonly batchNorm: boolean; readonly activation: Activation },
  options: ConvolutionOptions = {},
): NodeId {
  if (batchNorm) return builder.convolutionUnit(input, channels, activation, options);
  return builder.activation(builder.convolution(input, channels, { ...options, bias: true }), activation);
}
