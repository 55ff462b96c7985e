import { z } from 'zod';
import type { GraphBuilder, NodeId } from '../graph/graph.ts';

/** MnasNet's SkipOp (arXiv:1807.11626, section 4.1). */
export const skipField = z.literal(['none', 'identity', 'pool']);

export type Skip = z.output<typeof skipField>;

/**
 * Adds a block's input to its output: `identity` the input itself, where it has the output's shape; `pool` its
 * 3×3 averages at the block's stride, where the channels agree. The paper does not say what becomes of a shortcut
 * whose shape differs from the output's; here there is none then.
 */
export function addSkip(
  builder: GraphBuilder,
  skip: Skip,
  input: NodeId,
  output: NodeId,
  stride: number,
): NodeId {
  const [height, width, channels] = builder.shapeOf(input);
  const pooled = [Math.ceil(height / stride), Math.ceil(width / stride), channels];
  const fits = builder.shapeOf(output).every((size, axis) => size === pooled[axis]);
  if (skip === 'none' || !fits || (skip === 'identity' && stride !== 1)) return output;
  const shortcut =
    skip === 'identity'
      ? input
      : builder.within('skip', () => builder.pool(input, 'average', 3, stride, 'same'));
  return builder.add({ kind: 'add' }, [shortcut, output]);
}
