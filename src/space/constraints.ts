import { z } from 'zod';
import type { Cost } from '../graph/cost.ts';

const rangeSchema = z.strictObject({
  atLeast: z.number().positive().optional(),
  atMost: z.number().positive().optional(),
});

/** What the networks of a space may cost as deployed; networks beyond are never trained. */
export const constraintsSchema = z.strictObject({
  macs: rangeSchema.optional(),
  params: rangeSchema.optional(),
});

export type Constraints = z.output<typeof constraintsSchema>;

/**
 * By how much a cost breaks the constraints: the sum over broken bounds of the distance to the bound as a part of
 * it; 0 where all hold.
 */
export function excess(constraints: Constraints, cost: Cost): number {
  return (['macs', 'params'] as const).reduce((sum, measure) => {
    const { atLeast = 0, atMost = Number.POSITIVE_INFINITY } = constraints[measure] ?? {};
    const found = cost[measure];
    if (found > atMost) return sum + found / atMost - 1;
    return found < atLeast ? sum + 1 - found / atLeast : sum;
  }, 0);
}
