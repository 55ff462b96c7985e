import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import type { Padding, Shape } from '../../graph/op.ts';
import { defineBlock } from '../block.ts';

/** Maximum or mean of each window of each channel. Puts out the channels of its input. */
export const pool = defineBlock({
  type: 'pool',
  schema: z.strictObject({
    type: z.literal('pool'),
    function: z.literal(['max', 'average']),
    kernel: z.literal([2, 3]),
    /** `ceil` starts a last window wherever a pixel is left for it: output = ⌈(input − kernel) / stride⌉ + 1. */
    padding: z.literal(['same', 'valid', 'ceil']).default('same'),
  }),
  lower(builder, input, block, { channels, stride }) {
    const shape = builder.shapeOf(input);
    if (channels !== shape[2]) {
      throw new NasError('pool', {
        found: `${channels} channels out`,
        expected: `${shape[2]}, as in its input`,
      });
    }
    const padding = block.padding === 'ceil' ? ceilPadding(shape, block.kernel, stride) : block.padding;
    return builder.pool(input, block.function, block.kernel, stride, padding);
  },
});

/**
 * `ceil` in terms of the paddings that ops know. Where the stride divides input − kernel, no window sticks out:
 * `valid`. Otherwise the stride is 2 and input − kernel odd, so ⌈(input − kernel) / 2⌉ + 1 = ⌈input / 2⌉ for the
 * kernels 2 and 3, as with `same`, whose single padded pixel is at the bottom and the right as well.
 */
function ceilPadding([height, width]: Shape, kernel: number, stride: number): Padding {
  const divides = (size: number): boolean => (size - kernel) % stride === 0;
  if (divides(height) !== divides(width)) {
    throw new NasError('pool', {
      found: `padding 'ceil' at stride ${stride} on ${height}x${width} pixels`,
      expected: 'both sizes even or both odd',
    });
  }
  return divides(height) ? 'valid' : 'same';
}
