import { z } from 'zod';
import { NasError } from '../base/errors.ts';

/** How a task ended, as plain data: a thrown error would lose its class and fields on its way between threads. */
export const outcomeSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('done'), result: z.unknown() }),
  z.object({
    state: z.literal('refused'),
    where: z.string(),
    detail: z.object({
      found: z.string(),
      expected: z.string().exactOptional(),
      next: z.string().exactOptional(),
    }),
  }),
  z.object({ state: z.literal('threw'), message: z.string(), stack: z.string().exactOptional() }),
]);

export type Outcome<Result> =
  | { readonly state: 'done'; readonly result: Result }
  | Exclude<z.output<typeof outcomeSchema>, { readonly state: 'done' }>;

export async function outcomeOf<Result>(work: () => Result | Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { state: 'done', result: await work() };
  } catch (thrown) {
    if (thrown instanceof NasError) return { state: 'refused', where: thrown.where, detail: thrown.detail };
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const { message, stack } = error;
    return { state: 'threw', message, ...(stack === undefined ? {} : { stack }) };
  }
}

/** The result, or the error thrown again as what it was. */
export function resultOf<Result>(outcome: Outcome<Result>): Result {
  switch (outcome.state) {
    case 'done':
      return outcome.result;
    case 'refused':
      throw new NasError(outcome.where, outcome.detail);
    case 'threw': {
      const error = new Error(outcome.message);
      if (outcome.stack !== undefined) error.stack = outcome.stack;
      throw error;
    }
  }
}
