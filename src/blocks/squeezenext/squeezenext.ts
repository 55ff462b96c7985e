import { z } from 'zod';
import type { ConvolutionOptions, NodeId } from '../../graph/graph.ts';
import { defineBlock } from '../block.ts';
import { activationField, kernelField } from '../fields.ts';

/**
 * SqueezeNext's block (arXiv:1803.10615, section 2, figure 1): two 1×1 convolutions squeeze the channels to a
 * half and a quarter of the output's, a 3×1 and a 1×3 convolution stand for the 3×3, a 1×1 convolution expands.
 * The shortcut is projected by a 1×1 convolution where the shape changes. Every convolution has batch-norm and
 * activation; one more activation follows the sum.
 * Differs from the authors' networks: there every second block has the 1×3 before the 3×1.
 */
export const squeezeNext = defineBlock({
  type: 'squeezenext',
  schema: z.strictObject({
    type: z.literal('squeezenext'),
    kernel: kernelField.default(3),
    activation: activationField.default('relu'),
    /** Whether the shortcut is projected even where the shape stays, as in the first block of a network. */
    projectAlways: z.boolean().default(false),
    /** Whether the branch starts from the projected shortcut, as in the authors' 23v5, instead of from the input. */
    projectFirst: z.boolean().default(false),
  }),
  lower(builder, input, block, { channels, stride, round }) {
    const { kernel, activation, projectAlways, projectFirst } = block;
    const layer = (name: string, node: NodeId, width: number, options?: ConvolutionOptions): NodeId =>
      builder.within(name, () => builder.convolutionUnit(node, width, activation, options));
    const projects = projectAlways || stride !== 1 || channels !== builder.channelsOf(input);
    const shortcut = projects ? layer('project', input, channels, { stride }) : input;
    const half = round(channels / 2);
    let node = projectFirst ? layer('squeeze', shortcut, half) : layer('squeeze', input, half, { stride });
    node = layer('squeeze', node, round(channels / 4));
    node = layer('vertical', node, half, { kernel: [kernel, 1] });
    node = layer('horizontal', node, half, { kernel: [1, kernel] });
    node = layer('expand', node, channels);
    return builder.activation(builder.add({ kind: 'add' }, [shortcut, node]), activation);
  },
});
