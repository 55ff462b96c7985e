import { z } from 'zod';
import { defineBlock } from '../block.ts';

/**
 * Copy this folder, name it after the family, say here what the block computes and which paper and section it
 * is from, and add one line to `src/blocks/index.ts`. The contract suite then runs over it.
 */
export const template = defineBlock({
  type: 'template',
  /** Every field of a block in a space file; `z.strictObject` refuses fields that are not here. */
  schema: z.strictObject({ type: z.literal('template') }),
  /** Pure: ops added to `builder`, the node of the output returned. */
  lower: (_builder, input) => input,
});
