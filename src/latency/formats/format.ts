import { NasError } from '../../base/errors.ts';
import type { KernelLatency } from '../table.ts';
import type { TimeUnit } from './fields.ts';

/** A file of latencies, read whole. */
export interface SourceFile {
  /** What errors call it. */
  readonly where: string;
  readonly text: string;
}

/** One row of such a file: a kernel, or a block of kernels that run one after another. */
export interface LatencyRow {
  /** File, and place in it. */
  readonly where: string;
  /** Signatures in order of execution; none for a layer that does nothing. */
  readonly kernels: readonly string[];
  readonly latency: Omit<KernelLatency, 'signature'>;
}

export interface ReadOptions {
  /** Of the times, where the file does not say it. */
  readonly unit?: TimeUnit | undefined;
}

/**
 * A form in which latencies are published. `read` is lazy: a row that it cannot understand is yielded as a NasError
 * that says where it is, what was found and what was expected, and the rows after it can be read; a file that is
 * another one altogether is thrown.
 */
export interface TableFormat {
  /** What the form is, in a few words. */
  readonly description: string;
  /** What its times are of the samples they were taken from. */
  readonly statistic: 'median' | 'mean';
  read(files: readonly SourceFile[], options: ReadOptions): Iterable<LatencyRow | NasError>;
}

/** The latency of a row that tells nothing but it. */
export function bareLatency(medianMs: number): LatencyRow['latency'] {
  return { medianMs, madMs: null, p10Ms: null, p90Ms: null, warmMs: null, samples: null, rejected: null };
}

/** A row, or what is wrong with it. */
export function readOrRefuse(read: () => LatencyRow): LatencyRow | NasError {
  try {
    return read();
  } catch (error) {
    if (error instanceof NasError) return error;
    throw error;
  }
}
