import { z } from 'zod';
import { roundChannels } from '../../graph/round-channels.ts';
import { defineBlock } from '../block.ts';
import { channelShuffle } from '../channel-shuffle.ts';
import { activationField, groupsField, kernelField } from '../fields.ts';

/**
 * The unit of ShuffleNet (arXiv:1707.01083, section 3.2, figure 2): group pointwise convolution to a quarter of the
 * output channels, channel shuffle, depthwise convolution without activation, group pointwise convolution. The
 * shortcut is added where the shape stays; where it changes, the unit makes only the channels that the input, at
 * stride 2 averaged over 3×3, does not have, and is concatenated to it. The activation comes last.
 * Where a place asks for fewer channels than the input has, which no network of the paper does, there is no shortcut.
 */
export const shuffleNetV1 = defineBlock({
  type: 'shufflenet-v1',
  schema: z.strictObject({
    type: z.literal('shufflenet-v1'),
    kernel: kernelField.default(3),
    /** Of the pointwise convolutions. */
    groups: groupsField,
    /** Of the first one, where it differs: 1 in the first unit of a network, whose input is narrow. */
    reduceGroups: groupsField.optional(),
    activation: activationField.default('relu'),
  }),
  lower(builder, input, block, { channels, stride }) {
    const { kernel, groups, reduceGroups = groups, activation } = block;
    const inputChannels = builder.channelsOf(input);
    const added = stride === 1 && channels === inputChannels;
    const concatenated = channels > inputChannels;
    const bottleneck = roundChannels(channels / 4, groups);
    let node = builder.within('reduce', () => {
      const reduced = builder.convolutionUnit(input, bottleneck, activation, { groups: reduceGroups });
      return channelShuffle(builder, reduced, reduceGroups);
    });
    node = builder.within('depthwise', () =>
      builder.convolutionUnit(node, bottleneck, 'linear', { kernel, stride, groups: bottleneck }),
    );
    node = builder.within('expand', () => {
      const made = concatenated ? channels - inputChannels : channels;
      return builder.convolutionUnit(node, made, 'linear', { groups });
    });
    if (added) {
      node = builder.add({ kind: 'add' }, [input, node]);
    } else if (concatenated) {
      const shortcut = stride === 1 ? input : builder.pool(input, 'average', 3, stride, 'same');
      node = builder.add({ kind: 'concat' }, [shortcut, node]);
    }
    return builder.activation(node, activation);
  },
});
