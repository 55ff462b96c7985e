import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { activationField, kernelField } from '../fields.ts';
import { ghostFeatures } from '../ghost-module/ghost-module.ts';
import { squeezeExcitation, squeezeExcitationField } from '../squeeze-excitation.ts';

/**
 * GhostNet's bottleneck (arXiv:1911.11907, section 3.2, figure 3): a ghost module expands, at stride 2 a depthwise
 * convolution reduces, optional squeeze-and-excitation, a ghost module without activation projects. The shortcut is
 * the input where the shape stays, otherwise a depthwise and a pointwise convolution of it, both linear.
 */
export const ghostBottleneck = defineBlock({
  type: 'ghost-bottleneck',
  schema: z.strictObject({
    type: z.literal('ghost-bottleneck'),
    /** Of the depthwise convolutions; without effect where the shape stays. */
    kernel: kernelField,
    /** Expanded channels as a multiple of the block's input channels, rounded by the network's rule. */
    expansion: z.number().min(1),
    squeezeExcitation: squeezeExcitationField.default(null),
    activation: activationField.default('relu'),
  }),
  lower(builder, input, block, { channels, stride, round }) {
    const { kernel, expansion, activation } = block;
    const inputChannels = builder.channelsOf(input);
    const expandedChannels = expansion === 1 ? inputChannels : round(inputChannels * expansion);
    let node = builder.within('expand', () => ghostFeatures(builder, input, expandedChannels, activation));
    if (stride > 1) {
      node = builder.within('depthwise', () => {
        const options = { kernel, stride, groups: expandedChannels };
        return builder.convolutionUnit(node, expandedChannels, 'linear', options);
      });
    }
    if (block.squeezeExcitation !== null) {
      node = squeezeExcitation(builder, node, inputChannels, block.squeezeExcitation);
    }
    node = builder.within('project', () => ghostFeatures(builder, node, channels, 'linear'));
    let shortcut = input;
    if (stride > 1 || channels !== inputChannels) {
      shortcut = builder.within('shortcut', () => {
        const options = { kernel, stride, groups: inputChannels };
        const reduced = builder.convolutionUnit(input, inputChannels, 'linear', options);
        return builder.convolutionUnit(reduced, channels, 'linear');
      });
    }
    return builder.add({ kind: 'add' }, [shortcut, node]);
  },
});
