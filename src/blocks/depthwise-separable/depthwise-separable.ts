import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { activationField, kernelField } from '../fields.ts';

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
  }),
  lower(builder, input, { kernel, activation }, { channels, stride }) {
    const groups = builder.channelsOf(input);
    const depthwise = builder.within('depthwise', () =>
      builder.convolutionUnit(input, groups, activation, { kernel, stride, groups }),
    );
    return builder.within('pointwise', () => builder.convolutionUnit(depthwise, channels, activation));
  },
});
