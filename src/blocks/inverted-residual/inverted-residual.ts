import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { activationField, kernelField } from '../fields.ts';
import { squeezeExcitation, squeezeExcitationField } from '../squeeze-excitation.ts';

/**
 * The inverted residual with linear bottleneck: 1×1 expansion, depthwise, optional squeeze-and-excitation,
 * 1×1 projection without activation, and a shortcut where input and output have one shape (MobileNetV2,
 * arXiv:1801.04381, section 3.3; with squeeze-and-excitation after the depthwise: MobileNetV3,
 * arXiv:1905.02244, figure 4). The expansion is left out where it would not widen the input.
 */
export const invertedResidual = defineBlock({
  type: 'inverted-residual',
  schema: z.strictObject({
    type: z.literal('inverted-residual'),
    kernel: kernelField,
    /** Expanded channels as a multiple of the block's input channels, rounded by the network's rule. */
    expansion: z.number().min(1),
    squeezeExcitation: squeezeExcitationField.default(null),
    activation: activationField,
  }),
  lower(builder, input, block, { channels, stride, round }) {
    const { kernel, expansion, activation } = block;
    const inputChannels = builder.channelsOf(input);
    const expandedChannels = expansion === 1 ? inputChannels : round(inputChannels * expansion);
    let node = input;
    if (expandedChannels !== inputChannels) {
      node = builder.within('expand', () => builder.convolutionUnit(input, expandedChannels, activation));
    }
    node = builder.within('depthwise', () => {
      const options = { kernel, stride, groups: expandedChannels };
      return builder.convolutionUnit(node, expandedChannels, activation, options);
    });
    if (block.squeezeExcitation !== null) {
      node = squeezeExcitation(builder, node, inputChannels, block.squeezeExcitation);
    }
    node = builder.within('project', () => builder.convolutionUnit(node, channels, 'linear'));
    const shortcut = stride === 1 && inputChannels === channels;
    return shortcut ? builder.add({ kind: 'add' }, [input, node]) : node;
  },
});
