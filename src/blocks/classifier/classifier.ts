import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { activationField, widthRuleField } from '../fields.ts';

/**
 * Global average pool where there is more than one pixel, an optional hidden layer, and the layer that puts out
 * one number a class. The hidden layer after the pool, without batch-norm, is MobileNetV3's cheaper last stage
 * (arXiv:1905.02244, section 5.1). Ignores the place's channels and stride.
 */
export const classifier = defineBlock({
  type: 'classifier',
  schema: z.strictObject({
    type: z.literal('classifier'),
    hidden: z
      .strictObject({
        channels: z.int().positive(),
        activation: activationField,
        width: widthRuleField,
      })
      .optional(),
  }),
  lower(builder, input, { hidden }, { classes, scale }) {
    const [height, width] = builder.shapeOf(input);
    let node = height * width === 1 ? input : builder.globalAveragePool(input);
    if (hidden !== undefined) {
      const channels = scale(hidden.channels, hidden.width);
      node = builder.within('hidden', () =>
        builder.activation(builder.linear(node, channels), hidden.activation),
      );
    }
    return builder.linear(node, classes);
  },
});
