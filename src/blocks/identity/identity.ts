import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { activationField } from '../fields.ts';

/**
 * The input itself, so that a search can leave a layer out. Where the place asks for another shape: a 1×1
 * convolution of its stride with batch-norm, as in NAS-Bench-Macro (arXiv:2103.11922).
 */
export const identity = defineBlock({
  type: 'identity',
  schema: z.strictObject({
    type: z.literal('identity'),
    /** Of the convolution. */
    activation: activationField.default('linear'),
  }),
  lower: (builder, input, { activation }, { channels, stride }) =>
    stride === 1 && channels === builder.channelsOf(input)
      ? input
      : builder.convolutionUnit(input, channels, activation, { stride }),
});
