import { z } from 'zod';
import { NasError } from '../../base/errors.ts';
import type { NodeId } from '../../graph/graph.ts';
import { defineBlock } from '../block.ts';
import { activationField } from '../fields.ts';

/**
 * The EESP unit of ESPNetV2 (arXiv:1811.11431, section 3.1, figure 1c): a group pointwise convolution reduces the
 * input to n = N/K channels, K parallel 3×3 depthwise convolutions of rising dilation read those, running sums of
 * their results take the grid out of the dilated ones (hierarchical feature fusion), and a group pointwise
 * convolution mixes the N channels of all branches. The input is added where the shape stays; where it widens, the
 * unit makes only the channels that the input, at stride 2 averaged over 3×3, does not have, and is concatenated
 * to it (section 3.2, figure 2). The activation comes last.
 * Differs from the paper: the strided unit has no shortcut from the network's image, which a block cannot see. For
 * M channels out that leaves out 81 + 3·M multiply-accumulates a pixel out and 90 + 5·M parameters.
 * Where n is no multiple of K, as it always is in the paper's networks, the reduction has fewer groups.
 */
export const eesp = defineBlock({
  type: 'eesp',
  schema: z.strictObject({
    type: z.literal('eesp'),
    /** K: parallel convolutions, and groups of the pointwise ones. Must divide the channels made. */
    branches: z.int().min(2).max(64).default(4),
    /** Of a branch, in pixels; one that would see more sees 3. Falls from 13 to 5 through the paper's networks. */
    receptiveFieldLimit: z.int().min(3),
    activation: activationField.default('prelu'),
  }),
  lower(builder, input, { branches, receptiveFieldLimit, activation }, { channels, stride }) {
    const inputChannels = builder.channelsOf(input);
    const added = stride === 1 && channels === inputChannels;
    const concatenated = channels > inputChannels;
    const made = concatenated ? channels - inputChannels : channels;
    if (made % branches !== 0) {
      const expected = `a multiple of its ${branches} branches`;
      throw new NasError('eesp', { found: `${made} channels to make`, expected });
    }
    const narrow = made / branches;
    const reduced = builder.within('reduce', () => {
      const groups = greatestCommonDivisor(branches, greatestCommonDivisor(inputChannels, narrow));
      return builder.convolutionUnit(input, narrow, activation, { groups });
    });
    let sum: NodeId | undefined;
    const fused = dilations(branches, receptiveFieldLimit).map((dilation, index) =>
      builder.within(`branches.${index}`, () => {
        const options = { kernel: 3, stride, dilation, groups: narrow };
        const seen = builder.convolution(reduced, narrow, options);
        sum = sum === undefined ? seen : builder.add({ kind: 'add' }, [sum, seen]);
        return sum;
      }),
    );
    let node = builder.within('merge', () =>
      builder.activation(builder.batchNorm(builder.add({ kind: 'concat' }, fused)), activation),
    );
    node = builder.within('expand', () =>
      builder.convolutionUnit(node, made, 'linear', { groups: branches }),
    );
    if (added) {
      node = builder.add({ kind: 'add' }, [input, node]);
    } else if (concatenated) {
      const shortcut = stride === 1 ? input : builder.pool(input, 'average', 3, stride, 'same');
      node = builder.add({ kind: 'concat' }, [shortcut, node]);
    }
    return builder.activation(node, activation);
  },
});

/**
 * Of the branches, rising. A 3×3 kernel of dilation d sees 2d + 1 pixels; branch i has dilation i + 1 as long as
 * that is within the limit, and 1 beyond.
 */
function dilations(branches: number, receptiveFieldLimit: number): readonly number[] {
  const rising = Array.from({ length: branches }, (_, i) => i + 1);
  return rising.map((d) => (2 * d + 1 <= receptiveFieldLimit ? d : 1)).sort((a, b) => a - b);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
