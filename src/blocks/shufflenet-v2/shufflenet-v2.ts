import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import type { NodeId } from '../../graph/graph.ts';
import { defineBlock } from '../block.ts';
import { channelShuffle } from '../channel-shuffle.ts';
import { activationField, kernelField } from '../fields.ts';

/**
 * The unit of ShuffleNetV2 (arXiv:1807.11164, section 3, figure 3). Where the shape stays, half of the channels
 * pass by and the other half go through pointwise, depthwise, pointwise; otherwise both branches read the whole
 * input, and the first is depthwise, pointwise. Concatenation and a shuffle of two groups mix the branches. No
 * activation after the depthwise convolutions.
 */
export const shuffleNetV2 = defineBlock({
  type: 'shufflenet-v2',
  schema: z.strictObject({
    type: z.literal('shufflenet-v2'),
    kernel: kernelField.default(3),
    activation: activationField.default('relu'),
  }),
  lower(builder, input, { kernel, activation }, { channels, stride }) {
    if (channels % 2 !== 0) {
      throw new NasError('shufflenet-v2', { found: `${channels} channels out`, expected: 'an even number' });
    }
    const half = channels / 2;
    const pointwise = (name: string, node: NodeId): NodeId =>
      builder.within(name, () => builder.convolutionUnit(node, half, activation));
    const depthwise = (name: string, node: NodeId): NodeId => {
      const groups = builder.channelsOf(node);
      return builder.within(name, () =>
        builder.convolutionUnit(node, groups, 'linear', { kernel, stride, groups }),
      );
    };
    const main = (node: NodeId): NodeId =>
      pointwise('expand', depthwise('depthwise', pointwise('reduce', node)));
    const splits = stride === 1 && channels === builder.channelsOf(input);
    const branches = splits
      ? [
          builder.add({ kind: 'channel-split', offset: 0, channels: half }, [input]),
          main(builder.add({ kind: 'channel-split', offset: half, channels: half }, [input])),
        ]
      : [
          builder.within('shortcut', () => pointwise('pointwise', depthwise('depthwise', input))),
          main(input),
        ];
    return channelShuffle(builder, builder.add({ kind: 'concat' }, branches), 2);
  },
});
