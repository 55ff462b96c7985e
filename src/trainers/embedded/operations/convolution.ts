import type { NodeId } from '../../../graph/graph.ts';
import { gradientOf, inputOf, type Layer, type LayerContext, type NodeOf } from '../layer.ts';
import { isDepthwise } from '../parameters.ts';
import { writeWindow } from '../window.ts';
import { planBias } from './bias.ts';
import { planDepthwise } from './depthwise.ts';

/** Plain and grouped convolution as matrix products; depthwise has a module of its own. */
export function planConvolution(context: LayerContext, node: NodeOf<'convolution'>, id: NodeId): Layer {
  if (isDepthwise(node.op, context.tensor(inputOf(node)).channels)) return planDepthwise(context, node, id);
  const { runtime, batch, scratch } = context;
  const { kernels } = runtime;
  const { op } = node;
  const source = inputOf(node);
  const input = context.tensor(source);
  const output = context.tensor(id);
  const weight = context.parameter(id, 'weight');
  const bias = op.bias ? planBias(context, id) : undefined;
  const window = writeWindow(runtime, batch, op, input, output);
  const pointwise = [...op.kernel, ...op.stride].every((extent) => extent === 1);

  // A single group takes the lanes of padding along as channels; several lie close together and may not.
  const plain = op.groups === 1;
  const inputs = plain ? input.stride : input.channels / op.groups;
  const outputs = plain ? output.stride : output.channels / op.groups;
  const groups = Array.from({ length: op.groups }, (_, group) => ({
    input: 4 * group * inputs,
    output: 4 * group * outputs,
    weight: 4 * group * op.kernel[0] * op.kernel[1] * inputs * outputs,
  }));
  scratch.reserve(kernels.convolution_scratch_floats(window, inputs, outputs));

  return {
    forward() {
      for (const group of groups) {
        kernels.convolution_forward(
          window,
          input.value + group.input,
          input.stride,
          inputs,
          weight.value + group.weight,
          output.value + group.output,
          output.stride,
          outputs,
          scratch.pointer,
        );
      }
      bias?.forward();
    },
    planBackward(gradients) {
      const dy = gradientOf(gradients, id);
      const dx = gradients.wants(source) ? gradients.target(source, { canAccumulate: true }) : undefined;
      // Groups leave the lanes of padding as they find them, and windows that overlap add to what they find.
      const mustClear = dx !== undefined && !dx.accumulate && !(pointwise && plain);
      return () => {
        bias?.backward(dy);
        if (mustClear) runtime.floats(dx.pointer, input.floats).fill(0);
        for (const group of groups) {
          kernels.convolution_backward_weights(
            window,
            input.value + group.input,
            input.stride,
            inputs,
            dy + group.output,
            output.stride,
            outputs,
            weight.gradient + group.weight,
            scratch.pointer,
          );
          if (dx === undefined) continue;
          kernels.convolution_backward_input(
            window,
            dy + group.output,
            output.stride,
            outputs,
            weight.value + group.weight,
            dx.pointer + group.input,
            input.stride,
            inputs,
            scratch.pointer,
            Number(dx.accumulate),
          );
        }
        dx?.settle();
      };
    },
  };
}
