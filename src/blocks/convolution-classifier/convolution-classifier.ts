import { z } from 'zod';
import { defineBlock } from '../block.ts';

/**
 * SqueezeNet's classifier: a 1×1 convolution with one channel a class, ReLU, and the mean over all pixels
 * (arXiv:1602.07360, section 3.3). Ignores the place's channels and stride.
 */
export const convolutionClassifier = defineBlock({
  type: 'convolution-classifier',
  schema: z.strictObject({ type: z.literal('convolution-classifier') }),
  lower(builder, input, _block, { classes }) {
    const scores = builder.activation(builder.convolution(input, classes, { bias: true }), 'relu');
    return builder.globalAveragePool(scores);
  },
});
