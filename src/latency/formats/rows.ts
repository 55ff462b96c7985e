import { NasError } from '../../base/errors.ts';
import type { LatencyRow } from './format.ts';

/** A row, or what is wrong with it. */
export function readOrRefuse(read: () => LatencyRow): LatencyRow | NasError {
  try {
    return read();
  } catch (error) {
    if (error instanceof NasError) return error;
    throw error;
  }
}
