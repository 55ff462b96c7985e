import { NasError } from '../base/errors.ts';
import type { Architecture } from '../space/network.ts';
import { strideCount } from '../space/small-images.ts';

/** How many strides to leave out so that these are kept. */
export function stridesBut(architecture: Architecture, strides: number): number {
  const most = strideCount(architecture);
  if (strides > most) {
    throw new NasError('--strides', {
      found: String(strides),
      expected: `at most ${most}, which ${architecture.name} has`,
    });
  }
  return most - strides;
}
