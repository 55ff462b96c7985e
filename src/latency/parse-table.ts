import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import { TABLE_VERSION } from './print-table.ts';
import type { KernelLatency, LatencyTable } from './table.ts';

const NEXT = 'restore the file from version control, or move it away and measure again';

const time = z.number().nonnegative();
const tableSchema = z.strictObject({
  version: z.literal(TABLE_VERSION),
  provenance: z.strictObject({
    device: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words and dashes'),
    processor: z.string(),
    runtime: z.string(),
    runtimeVersion: z.string(),
    threads: z.int().positive(),
    operatingSystem: z.string(),
    measuredAt: z.iso.datetime('an ISO 8601 time'),
  }),
  kernels: z.array(
    z.strictObject({
      signature: z.string().nonempty(),
      medianMs: time,
      madMs: time,
      samples: z.int().positive(),
      rejected: z.int().nonnegative(),
    }),
  ),
});

/** Reads the text of a table; `where` is its file. Throws a NasError that says what in it is wrong. */
export function parseTable(text: string, where: string): LatencyTable {
  const { provenance, kernels } = parseWith(tableSchema, parseJson(text, where, NEXT), where, {
    next: NEXT,
  });
  const bySignature = new Map<string, KernelLatency>();
  kernels.forEach((kernel, i) => {
    if (bySignature.has(kernel.signature)) {
      throw new NasError(where, {
        found: `kernels[${i}].signature is '${kernel.signature}' a second time`,
        expected: 'each kernel once',
        next: NEXT,
      });
    }
    bySignature.set(kernel.signature, kernel);
  });
  return { provenance, kernels: bySignature };
}
