import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { convolutionLayer } from '../convolution-layer.ts';
import { activationField, kernelField } from '../fields.ts';
import { addSkip, skipField } from '../skip.ts';
import { squeezeExcitation, squeezeExcitationField } from '../squeeze-excitation.ts';

/** Convolution, batch-norm, activation; then squeeze-and-excitation and a shortcut where the block says so. */
export const convolution = defineBlock({
  type: 'convolution',
  schema: z.strictObject({
    type: z.literal('convolution'),
    kernel: kernelField,
    activation: activationField,
    padding: z.literal(['same', 'valid']).default('same'),
    /** Without it the convolution has a bias: VGG, SqueezeNet. */
    batchNorm: z.boolean().default(true),
    squeezeExcitation: squeezeExcitationField.default(null),
    skip: skipField.default('none'),
  }),
  lower(builder, input, block, { channels, stride }) {
    const { kernel, padding } = block;
    let node = convolutionLayer(builder, input, channels, block, { kernel, stride, padding });
    if (block.squeezeExcitation !== null) {
      node = squeezeExcitation(builder, node, builder.channelsOf(input), block.squeezeExcitation);
    }
    return addSkip(builder, block.skip, input, node, stride);
  },
});
