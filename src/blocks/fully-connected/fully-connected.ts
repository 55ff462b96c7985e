import { z } from 'zod';
import { defineBlock } from '../block.ts';
import { activationField } from '../fields.ts';

/**
 * A layer that connects every output to every pixel of every channel: VGG's hidden layers, as the convolution
 * whose window is the whole input (arXiv:1409.1556, section 3.2). Has a bias. Ignores the place's stride.
 */
export const fullyConnected = defineBlock({
  type: 'fully-connected',
  schema: z.strictObject({ type: z.literal('fully-connected'), activation: activationField }),
  lower(builder, input, { activation }, { channels }) {
    const [height, width] = builder.shapeOf(input);
    const kernel = [height, width] as const;
    const node = builder.convolution(input, channels, { kernel, padding: 'valid', bias: true });
    return builder.activation(node, activation);
  },
});
