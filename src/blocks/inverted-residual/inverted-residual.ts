import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { channelShuffle } from '../channel-shuffle.ts';
import { activationField, groupsField, kernelField } from '../fields.ts';
import { addSkip, skipField } from '../skip.ts';
import { squeezeExcitation, squeezeExcitationField } from '../squeeze-excitation.ts';

/**
 * The inverted residual with linear bottleneck: 1×1 expansion, depthwise, optional squeeze-and-excitation,
 * 1×1 projection without activation, and a shortcut where input and output have one shape (MobileNetV2,
 * arXiv:1801.04381, section 3.3; with squeeze-and-excitation after the depthwise: MobileNetV3,
 * arXiv:1905.02244, figure 4; with groups: FBNet, arXiv:1812.03443, section 3.1). The expansion is left out where
 * it would not widen the input.
 */
export const invertedResidual = defineBlock({
  type: 'inverted-residual',
  schema: z.strictObject({
    type: z.literal('inverted-residual'),
    kernel: kernelField,
    /** Expanded channels as a multiple of the block's input channels, rounded by the network's rule. */
    expansion: z.number().min(1),
    /** Of both pointwise convolutions; with more than one the channels are shuffled after the first. */
    groups: groupsField.default(1),
    /** Whether the first pointwise convolution is there even where it does not widen the input, as in FBNet. */
    expandAlways: z.boolean().default(false),
    squeezeExcitation: squeezeExcitationField.default(null),
    activation: activationField,
    skip: skipField.default('identity'),
  }),
  lower(builder, input, block, { channels, stride, round }) {
    const { kernel, expansion, groups, expandAlways, activation, skip } = block;
    const inputChannels = builder.channelsOf(input);
    const expandedChannels = expansion === 1 ? inputChannels : round(inputChannels * expansion);
    let node = input;
    if (expandAlways || expandedChannels !== inputChannels) {
      node = builder.within('expand', () => {
        const expanded = builder.convolutionUnit(input, expandedChannels, activation, { groups });
        return channelShuffle(builder, expanded, groups);
      });
    }
    node = builder.within('depthwise', () => {
      const options = { kernel, stride, groups: expandedChannels };
      return builder.convolutionUnit(node, expandedChannels, activation, options);
    });
    if (block.squeezeExcitation !== null) {
      node = squeezeExcitation(builder, node, inputChannels, block.squeezeExcitation);
    }
    node = builder.within('project', () => builder.convolutionUnit(node, channels, 'linear', { groups }));
    return addSkip(builder, skip, input, node, stride);
  },
});
