import { z } from 'zod';
import type { NodeId } from '../../graph/graph.ts';
import { defineBlock } from '../block.ts';
import { convolutionLayer } from '../convolution-layer.ts';
import { activationField } from '../fields.ts';

/**
 * SqueezeNet's Fire module: a 1×1 convolution squeezes the channels, then a 1×1 and a 3×3 convolution, side by
 * side, expand them (arXiv:1602.07360, section 3.2). Differs from the paper: a place may have a stride, which the
 * squeeze convolution takes.
 */
export const fire = defineBlock({
  type: 'fire',
  schema: z.strictObject({
    type: z.literal('fire'),
    /** Squeezed channels as a part of the output channels: the paper's SR. */
    squeezeRatio: z.number().positive().max(1).default(0.125),
    /** Part of the output channels that the 3×3 convolution makes: the paper's pct₃ₓ₃. */
    expand3x3Ratio: z.number().positive().lt(1).default(0.5),
    activation: activationField.default('relu'),
    /** Without it the convolutions have biases, as in the paper. */
    batchNorm: z.boolean().default(false),
  }),
  lower(builder, input, block, { channels, stride, round }) {
    const layer = (name: string, node: NodeId, width: number, kernel: number, step = 1): NodeId =>
      builder.within(name, () => convolutionLayer(builder, node, width, block, { kernel, stride: step }));
    const width3x3 = Math.round(channels * block.expand3x3Ratio);
    const squeezed = layer('squeeze', input, round(channels * block.squeezeRatio), 1, stride);
    return builder.add({ kind: 'concat' }, [
      layer('expand1x1', squeezed, channels - width3x3, 1),
      layer('expand3x3', squeezed, width3x3, 3),
    ]);
  },
});
