import { z } from 'zod';

/** More than any network has; what a stranger sends costs no more than that before it is refused. */
const MOST_NODES = 100_000;

/** Of a graph that comes from elsewhere what makes it one; whether ops and shapes fit is for those to check who compute it. */
export const graphSchema = z.object({
  nodes: z
    .array(
      z.looseObject({
        name: z.string(),
        op: z.looseObject({ kind: z.string() }),
        inputs: z.array(z.int()),
        shape: z.array(z.int()),
      }),
    )
    .max(MOST_NODES),
  output: z.int(),
});
