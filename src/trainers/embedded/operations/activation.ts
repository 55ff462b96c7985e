import type { NodeId } from '../../../graph/graph.ts';
import type { ActivationFunction } from '../../../graph/op.ts';
import { gradientOf, inputOf, type Layer, type LayerContext, type NodeOf } from '../layer.ts';
import type { Runtime } from '../runtime.ts';
import type { Tensor } from '../tensor.ts';

/** `enum activation` of kernels/activation.h. PReLU has parameters, and kernels of its own. */
export const ACTIVATION_CODES = {
  linear: 0,
  relu: 1,
  relu6: 2,
  hswish: 3,
  hsigmoid: 4,
  sigmoid: 5,
  swish: 6,
} as const satisfies Record<Exclude<ActivationFunction, 'prelu'> | 'linear', number>;

/**
 * Zeroes the lanes of padding after a function that is not 0 at 0. (Gradients need no such care: they are 0
 * there from the last layer on, and an activation multiplies them.)
 */
export function clearPadding(
  runtime: Runtime,
  tensor: Tensor,
  activation: ActivationFunction | 'linear',
): void {
  const shifts = activation === 'sigmoid' || activation === 'hsigmoid';
  if (shifts && tensor.stride > tensor.channels) {
    runtime.kernels.clear_channels(tensor.rows, tensor.channels, tensor.stride, tensor.value);
  }
}

export function planActivation(context: LayerContext, node: NodeOf<'activation'>, id: NodeId): Layer {
  const activation = node.op.function;
  if (activation === 'prelu') return planPrelu(context, node, id);
  const { runtime } = context;
  const { kernels } = runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const code = ACTIVATION_CODES[activation];
  return {
    forward() {
      kernels.activation_forward(code, input.floats, input.value, output.value);
      clearPadding(runtime, output, activation);
    },
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.target(source, { inPlaceOf: id });
      return () => {
        kernels.activation_backward(code, input.floats, input.value, dy, dx.pointer);
        dx.settle();
      };
    },
  };
}

/** Negative values are scaled by a slope learnt for each channel (He et al. 2015). */
function planPrelu(context: LayerContext, node: NodeOf<'activation'>, id: NodeId): Layer {
  const { kernels } = context.runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const slope = context.parameter(id, 'slope');
  const { rows, stride } = input;
  return {
    forward() {
      kernels.prelu_forward(rows, stride, input.value, slope.value, output.value);
    },
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.target(source, { inPlaceOf: id });
      return () => {
        kernels.prelu_backward(rows, stride, input.value, slope.value, dy, dx.pointer, slope.gradient);
        dx.settle();
      };
    },
  };
}
