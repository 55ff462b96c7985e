import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import { TABLE_VERSION } from './print-table.ts';
import type { KernelLatency, LatencyTable } from './table.ts';

const NEXT = 'restore the file from version control, or move it away and measure again';

const time = z.number().nonnegative();
const count = z.int().nonnegative();
const tableSchema = z.strictObject({
  version: z.literal(TABLE_VERSION),
  provenance: z.strictObject({
    device: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words and dashes'),
    processor: z.string(),
    runtime: z.string(),
    runtimeVersion: z.string(),
    dtype: z.string(),
    threads: z.int().positive(),
    core: count.nullable(),
    governor: z.string().nullable(),
    operatingSystem: z.string(),
    measuredAt: z.iso.datetime('an ISO 8601 time'),
    nasVersion: z.string(),
  }),
  calibration: z
    .strictObject({
      scale: z.number(),
      perKernelMs: z.number(),
      perMebibyteMs: z.number(),
      networks: z.array(
        z.strictObject({
          name: z.string(),
          sumMs: time,
          kernels: count,
          weightMebibytes: time,
          measuredMs: z.number().positive(),
          leaveOneOutError: z.number(),
        }),
      ),
    })
    .optional(),
  kernels: z.array(
    z.strictObject({
      signature: z.string().nonempty(),
      medianMs: time,
      madMs: time,
      p10Ms: time,
      p90Ms: time,
      warmMs: time.nullable(),
      samples: z.int().positive(),
      rejected: count,
    }),
  ),
});

/** Reads the text of a table; `where` is its file. Throws a NasError that says what in it is wrong. */
export function parseTable(text: string, where: string): LatencyTable {
  const document = parseJson(text, where, NEXT);
  const { provenance, calibration, kernels } = parseWith(tableSchema, document, where, { next: NEXT });
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
  return { provenance, calibration, kernels: bySignature };
}
