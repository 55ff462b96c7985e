import type { NasError } from '../../../src/base/errors.ts';
import type { TimeUnit } from '../../../src/latency/formats/fields.ts';
import { TABLE_FORMATS, type TableFormatName } from '../../../src/latency/formats/index.ts';
import { importKernels } from '../../../src/latency/import-kernels.ts';
import { joinKernels } from '../../../src/latency/sequence.ts';
import type { LatencyTable } from '../../../src/latency/table.ts';

/** Reads texts as the files `a`, `b` and so on of one table; a row that cannot be understood is thrown. */
export function readAs(format: TableFormatName, texts: string | readonly string[], unit?: TimeUnit) {
  return importKernels(rowsOf(format, texts, unit), { skipUnknown: false });
}

export function rowsOf(format: TableFormatName, texts: string | readonly string[], unit?: TimeUnit) {
  const files = [texts].flat().map((text, i) => ({ where: 'abc'[i] ?? 'x', text }));
  return TABLE_FORMATS[format].read(files, { unit });
}

/** The times of a table by the kernels they are of. */
export function mediansOf(imported: ReturnType<typeof readAs>): Readonly<Record<string, number>> {
  return Object.fromEntries([...imported.kernels].map(([signature, { medianMs }]) => [signature, medianMs]));
}

export const sequence = (...signatures: string[]): string => joinKernels(signatures);

/** What is said of the first row that cannot be understood. */
export function complaintOf(format: TableFormatName, texts: string | readonly string[]): string {
  try {
    readAs(format, texts);
  } catch (error) {
    return (error as NasError).message;
  }
  return '';
}

export const importedTable = (
  kernels: LatencyTable['kernels'],
  statistic: 'median' | 'mean' = 'mean',
): LatencyTable => ({
  provenance: {
    ...{ device: 'some-phone', processor: null, runtime: 'some-runtime', runtimeVersion: null },
    ...{ dtype: 'float32', threads: 1, core: null, governor: null, operatingSystem: null },
    ...{ measuredAt: null, nasVersion: '0' },
    imported: {
      ...{ format: 'csv', statistic, importedAt: '2026-01-01T00:00:00.000Z' },
      files: [{ name: 'kernels.csv', sha256: '0'.repeat(64) }],
    },
  },
  kernels,
  calibration: undefined,
});

/** Texts with what is said of them, for tests that are named by that: some texts are long. */
export const byComplaint = (
  refused: readonly (readonly [text: string, complaint: string])[],
): [complaint: string, text: string][] => refused.map(([text, complaint]) => [complaint, text]);
