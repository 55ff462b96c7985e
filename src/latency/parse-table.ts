import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import { measuringSessionSchema } from './measuring-session.ts';
import { TABLE_VERSION } from './print-table.ts';
import type { KernelLatency, LatencyTable } from './table.ts';

const NEXT = 'restore the file from version control, or move it away and measure again';

/** Milliseconds; more than eleven days of them are no time of a network, and sums of them stay numbers. */
const time = z.number().nonnegative().max(1e9);
const coefficient = z.number().min(-1e9).max(1e9);
const count = z.int().nonnegative();
const samples = z.int().positive();
const timestamp = z.iso.datetime('an ISO 8601 time');

export const provenanceSchema = z.strictObject({
  device: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words and dashes'),
  processor: z.string(),
  runtime: z.string(),
  runtimeVersion: z.string(),
  dtype: z.string(),
  threads: z.int().positive(),
  core: count.nullable(),
  governor: z.string().nullable(),
  operatingSystem: z.string(),
  measuredAt: timestamp,
  nasVersion: z.string(),
});

const importedProvenance = provenanceSchema.extend({
  processor: z.string().nullable(),
  runtimeVersion: z.string().nullable(),
  operatingSystem: z.string().nullable(),
  measuredAt: timestamp.nullable(),
  imported: z.strictObject({
    format: z.string(),
    statistic: z.literal(['median', 'mean']),
    files: z.array(
      z.strictObject({
        name: z.string(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
      }),
    ),
    importedAt: timestamp,
  }),
});

const calibration = z.strictObject({
  scale: coefficient,
  perKernelMs: coefficient,
  perMebibyteMs: coefficient,
  networks: z.array(
    z.strictObject({
      name: z.string(),
      sumMs: time,
      kernels: count,
      weightMebibytes: time,
      measuredMs: z.number().positive(),
      leaveOneOutError: coefficient,
    }),
  ),
});

export const kernelLatencySchema = z.strictObject({
  signature: z.string().nonempty(),
  medianMs: time,
  madMs: time,
  p10Ms: time,
  p90Ms: time,
  warmMs: time.nullable(),
  samples,
  rejected: count,
});

const importedKernel = kernelLatencySchema.extend({
  madMs: time.nullable(),
  p10Ms: time.nullable(),
  p90Ms: time.nullable(),
  samples: samples.nullable(),
  rejected: count.nullable(),
});

const measuredTable = z.strictObject({
  version: z.literal(TABLE_VERSION),
  provenance: provenanceSchema,
  calibration: calibration.optional(),
  conditions: z.array(measuringSessionSchema).optional(),
  kernels: z.array(kernelLatencySchema),
});

const importedTable = measuredTable.extend({
  provenance: importedProvenance,
  kernels: z.array(importedKernel),
});

/** A table with an origin elsewhere is an imported one, which may lack what only measuring tells. */
const origin = z.object({ provenance: z.object({ imported: z.unknown() }) });

function isImported(document: unknown): boolean {
  const { success, data } = origin.safeParse(document);
  return success && data.provenance.imported !== undefined;
}

/** Reads the text of a table; `where` is its file. Throws a NasError that says what in it is wrong. */
export function parseTable(text: string, where: string): LatencyTable {
  const document = parseJson(text, where, NEXT);
  const schema = isImported(document) ? importedTable : measuredTable;
  const { provenance, calibration, conditions, kernels } = parseWith<
    typeof importedTable | typeof measuredTable
  >(schema, document, where, { next: NEXT });
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
  return { provenance, calibration, conditions, kernels: bySignature };
}
