import { z } from 'zod';
import type { GraphBuilder, NodeId } from '../graph/graph.ts';
import { roundChannels } from '../graph/round-channels.ts';
import { activationField } from './fields.ts';

/** Squeeze-and-excitation as space files write it; `null` means none. */
export const squeezeExcitationField = z
  .strictObject({
    /** Bottleneck channels as a part of the reference channels. */
    ratio: z.number().positive().max(1),
    /** The reference: the expanded channels (MobileNetV3) or the block's input (MnasNet). */
    of: z.literal(['expansion', 'input']).default('expansion'),
    /** The bottleneck is rounded to a multiple of this; 1 rounds down to whole channels. */
    divisor: z.int().positive().default(8),
    /** Between the two layers; EfficientNet's is swish. */
    activation: activationField.default('relu'),
    gate: z.literal(['hsigmoid', 'sigmoid']).default('hsigmoid'),
  })
  .nullable();

export type SqueezeExcitation = NonNullable<z.output<typeof squeezeExcitationField>>;

/**
 * Scales each channel by a gate in [0, 1] computed from the means of all channels (arXiv:1709.01507,
 * section 3). Both fully connected layers have biases and no batch-norm.
 */
export function squeezeExcitation(
  builder: GraphBuilder,
  input: NodeId,
  blockInputChannels: number,
  { ratio, of, divisor, activation, gate }: SqueezeExcitation,
): NodeId {
  return builder.within('squeeze-excitation', () => {
    const channels = builder.channelsOf(input);
    const reference = of === 'expansion' ? channels : blockInputChannels;
    const bottleneck = roundChannels(reference * ratio, divisor);
    const squeezed = builder.activation(
      builder.linear(builder.globalAveragePool(input), bottleneck),
      activation,
    );
    const excitation = builder.activation(builder.linear(squeezed, channels), gate);
    return builder.add({ kind: 'multiply' }, [input, excitation]);
  });
}
