import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { activationField, groupsField, kernelField } from '../fields.ts';
import { addSkip, skipField } from '../skip.ts';
import { squeezeExcitation, squeezeExcitationField } from '../squeeze-excitation.ts';

/**
 * Depthwise convolution, then pointwise, each with batch-norm and activation (MobileNet, arXiv:1704.04861,
 * section 3.1). Costs 1/N + 1/k² of the full convolution with N outputs and a k×k window.
 */
export const depthwiseSeparable = defineBlock({
  type: 'depthwise-separable',
  schema: z.strictObject({
    type: z.literal('depthwise-separable'),
    kernel: kernelField,
    activation: activationField,
    /** After the pointwise convolution, where it differs; MnasNet's is linear (arXiv:1807.11626, figure 7). */
    pointwiseActivation: activationField.optional(),
    /** Of the pointwise convolution; the last one of ESPNetV2 has four (arXiv:1811.11431). */
    groups: groupsField.default(1),
    /** Between the two convolutions. */
    squeezeExcitation: squeezeExcitationField.default(null),
    skip: skipField.default('none'),
  }),
  lower(builder, input, block, { channels, stride }) {
    const { kernel, activation, pointwiseActivation = activation, groups, skip } = block;
    const inputChannels = builder.channelsOf(input);
    let node = builder.within('depthwise', () => {
      const options = { kernel, stride, groups: inputChannels };
      return builder.convolutionUnit(input, inputChannels, activation, options);
    });
    if (block.squeezeExcitation !== null) {
      node = squeezeExcitation(builder, node, inputChannels, block.squeezeExcitation);
    }
    node = builder.within('pointwise', () =>
      builder.convolutionUnit(node, channels, pointwiseActivation, { groups }),
    );
    return addSkip(builder, skip, input, node, stride);
  },
});
