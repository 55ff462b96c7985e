import type { NodeId } from '../../../graph/graph.ts';
import type { LayerContext } from '../layer.ts';
import type { Pointer } from '../runtime.ts';

/** The bias of a convolution or linear layer: added in place, its gradient the sum over batch and pixels. */
export interface Bias {
  forward(): void;
  backward(outputGradient: Pointer): void;
}

export function planBias(context: LayerContext, id: NodeId): Bias {
  const { kernels } = context.runtime;
  const { rows, stride, value } = context.tensor(id);
  const bias = context.parameter(id, 'bias');
  return {
    forward: () => kernels.add_bias(rows, stride, value, bias.value),
    backward: (outputGradient) => kernels.sum_rows(rows, stride, outputGradient, bias.gradient),
  };
}
