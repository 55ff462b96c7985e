import type { NodeId } from '../../../graph/graph.ts';
import { gradientOf, inputOf, type Layer, type LayerContext, type NodeOf } from '../layer.ts';
import { writeWindow } from '../window.ts';
import { planBias } from './bias.ts';

const NULL = 0;

/** A convolution with one filter a channel. */
export function planDepthwise(context: LayerContext, node: NodeOf<'convolution'>, id: NodeId): Layer {
  const { runtime, batch, scratch } = context;
  const { kernels } = runtime;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const weight = context.parameter(id, 'weight');
  const bias = node.op.bias ? planBias(context, id) : undefined;
  const window = writeWindow(runtime, batch, node.op, input, output);
  scratch.reserve(kernels.depthwise_scratch_floats(window, input.stride));

  return {
    forward() {
      kernels.depthwise_forward(
        window,
        input.value,
        weight.value,
        output.value,
        input.stride,
        scratch.pointer,
      );
      bias?.forward();
    },
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.wants(source) ? gradients.target(source, { canAccumulate: true }) : undefined;
      return () => {
        bias?.backward(dy);
        kernels.depthwise_backward(
          window,
          input.value,
          weight.value,
          dy,
          dx?.pointer ?? NULL,
          weight.gradient,
          input.stride,
          scratch.pointer,
          Number(dx?.accumulate ?? false),
        );
        dx?.settle();
      };
    },
  };
}
