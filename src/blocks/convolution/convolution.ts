import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { activationField, kernelField } from '../fields.ts';

/** Convolution, batch-norm, activation. */
export const convolution = defineBlock({
  type: 'convolution',
  schema: z.strictObject({
    type: z.literal('convolution'),
    kernel: kernelField,
    activation: activationField,
  }),
  lower: (builder, input, { kernel, activation }, { channels, stride }) =>
    builder.convolutionUnit(input, channels, activation, { kernel, stride }),
});
