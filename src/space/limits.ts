import { NasError } from '../base/errors.ts';

/**
 * What a space may have at most. Files of some kilobytes can ask for more than any machine holds, since choices multiply;
 * the spaces of papers stay below a tenth of each.
 */
export const LIMITS = {
  /** Of the decoded network; independent layers count as stages. */
  stages: 1_000,
  decisions: 1_000,
  /** Options of all choices, at each of their places. */
  options: 10_000,
  /** Cases that counting the networks tells apart. */
  countedCases: 10_000,
  /** Stages as they are built with each of their choices from each shape that reaches them. */
  builtStages: 100_000,
} as const;

/** Throws a NasError where a space has more than `LIMITS` of something. */
export function refuseBeyond(
  limit: keyof typeof LIMITS,
  count: number,
  where: string,
  of: string,
  next?: string,
): void {
  if (count <= LIMITS[limit]) return;
  throw new NasError(where, {
    found: `more than ${LIMITS[limit].toLocaleString('en')} ${of}`,
    expected: 'a space that can be gone through',
    ...(next === undefined ? {} : { next }),
  });
}
