import { z } from 'zod';
import type { ConvolutionOptions, GraphBuilder, NodeId } from '../../graph/graph.ts';
import { defineBlock } from '../block.ts';
import { type Activation, activationField, kernelField } from '../fields.ts';

/**
 * Half of the channels by a convolution, the other half from those by a 3×3 depthwise convolution, each with
 * batch-norm and activation: the paper's s = 2 and d = 3. An odd number of channels leaves out the last one made.
 */
export function ghostFeatures(
  builder: GraphBuilder,
  input: NodeId,
  channels: number,
  activation: Activation,
  options: ConvolutionOptions = {},
): NodeId {
  const half = Math.ceil(channels / 2);
  const primary = builder.within('primary', () => builder.convolutionUnit(input, half, activation, options));
  const cheap = builder.within('cheap', () =>
    builder.convolutionUnit(primary, half, activation, { kernel: 3, groups: half }),
  );
  const features = builder.add({ kind: 'concat' }, [primary, cheap]);
  const isOdd = channels < 2 * half;
  return isOdd ? builder.add({ kind: 'channel-split', offset: 0, channels }, [features]) : features;
}

/** GhostNet's substitute for a convolution at about half its cost (arXiv:1911.11907, section 3.1). */
export const ghostModule = defineBlock({
  type: 'ghost-module',
  schema: z.strictObject({
    type: z.literal('ghost-module'),
    /** Of the convolution that makes the first half. */
    kernel: kernelField.default(1),
    activation: activationField.default('relu'),
  }),
  lower: (builder, input, { kernel, activation }, { channels, stride }) =>
    ghostFeatures(builder, input, channels, activation, { kernel, stride }),
});
