import { FUSED_ACTIVATION, PADDING } from '../schema.ts';
import { batched, type Lowering } from './step.ts';
import { foldedParameters } from './weighted.ts';

/**
 * CONV_2D with filter [output channels, height, width, input channels / groups], or DEPTHWISE_CONV_2D with
 * filter [1, height, width, output channels] where every input channel is a group of its own.
 */
export const lowerConvolution: Lowering<'convolution'> = (step, context) => {
  const { builder } = context;
  const { op } = step;
  const [{ tensor, shape: input }] = step.inputs;
  const [height, width] = op.kernel;
  const perGroup = input[2] / op.groups;
  const isDepthwise = op.groups === input[2] && op.groups > 1;
  const { weights, bias } = foldedParameters(step, context, [op.channels, height, width, perGroup], op.bias);
  const common = {
    padding: PADDING[op.padding],
    strideHeight: op.stride[0],
    strideWidth: op.stride[1],
    dilationHeight: op.dilation[0],
    dilationWidth: op.dilation[1],
    activation: FUSED_ACTIVATION[step.activation],
  };
  const filter = isDepthwise
    ? builder.constant(
        `${step.name}/weights`,
        [1, height, width, op.channels],
        channelsLast(weights, op.channels),
      )
    : builder.constant(`${step.name}/weights`, [op.channels, height, width, perGroup], weights);
  const inputs = [tensor, filter, builder.constant(`${step.name}/bias`, [op.channels], bias)];
  const output = { name: step.name, shape: batched(step.shape) };
  return isDepthwise
    ? builder.operator('DEPTHWISE_CONV_2D', inputs, output, {
        table: 'DepthwiseConv2DOptions',
        values: { ...common, depthMultiplier: op.channels / input[2] },
      })
    : builder.operator('CONV_2D', inputs, output, { table: 'Conv2DOptions', values: common });
};

/** [channels, taps] to [taps, channels]. */
function channelsLast(weights: Float32Array, channels: number): Float32Array {
  const taps = weights.length / channels;
  const result = new Float32Array(weights.length);
  for (let c = 0; c < channels; c++) {
    for (let tap = 0; tap < taps; tap++) result[tap * channels + c] = weights[c * taps + tap] ?? 0;
  }
  return result;
}
