import { NasError } from '../../base/errors.ts';
import { listOf } from '../../base/parse.ts';
import { splitKernels } from '../sequence.ts';
import type { KernelLatency } from '../table.ts';
import { type Header, printCsv, readRecords } from './csv.ts';
import { type Fields, parseNumber, quote, requiredText, wholeNumber } from './fields.ts';
import { type LatencyRow, readOrRefuse, type TableFormat } from './format.ts';
import { describeKernel, KERNEL_COLUMNS, LATENCY_COLUMNS } from './kernel-columns.ts';

const COLUMNS = ['signature', ...KERNEL_COLUMNS, ...Object.keys(LATENCY_COLUMNS)];

const HEADER: Header = {
  read: (text) => COLUMNS.find((name) => name === text),
  expected: `the columns signature and median_ms, and any of ${listOf(COLUMNS.slice(1).filter((name) => name !== 'median_ms'))}, each once`,
};

/**
 * The kernels of a table, a row each, in the order of their signatures. What is `null` is empty. Reading it back with
 * `kernelCsv` gives the same kernels, to the bit.
 */
export function printKernelCsv(kernels: Iterable<KernelLatency>): string {
  const rows = [...kernels].sort((a, b) => (a.signature < b.signature ? -1 : 1));
  return printCsv([
    COLUMNS,
    ...rows.map((kernel) => {
      const described = describeKernel(kernel.signature);
      return [
        kernel.signature,
        ...KERNEL_COLUMNS.map((column) => described?.[column] ?? ''),
        ...Object.values(LATENCY_COLUMNS).map((field) => String(kernel[field] ?? '')),
      ];
    }),
  ]);
}

/** What `nas tables export` writes; of its columns `signature` and `median_ms` are enough. */
export const kernelCsv: TableFormat = {
  description: 'what nas tables export writes; the columns signature and median_ms are enough',
  statistic: 'median',
  *read(files) {
    const seen = new Set<string>();
    for (const file of files) {
      for (const fields of readRecords(file, HEADER)) {
        yield fields instanceof NasError ? fields : readOrRefuse(() => readRow(fields, seen));
      }
    }
  },
};

function readRow(fields: Fields, seen: Set<string>): LatencyRow {
  const expected = 'a kernel as nas tables export writes it';
  const signature = requiredText(fields, 'signature', expected);
  const described = describeKernel(signature);
  if (described === undefined || seen.has(signature)) {
    throw new NasError(fields.where, {
      found: `signature is ${quote(signature)}${described === undefined ? '' : ' a second time'}`,
      expected: described === undefined ? expected : 'each kernel once',
    });
  }
  for (const column of KERNEL_COLUMNS) {
    const text = fields.text(column);
    if (text !== undefined && text !== described[column]) {
      throw new NasError(fields.where, {
        found: `${column} is ${quote(text)}`,
        expected: `${quote(described[column])}, as the signature says: that alone counts`,
      });
    }
  }
  const latency = {
    medianMs: time(fields, 'median_ms') ?? 0,
    madMs: time(fields, 'mad_ms'),
    p10Ms: time(fields, 'p10_ms'),
    p90Ms: time(fields, 'p90_ms'),
    warmMs: time(fields, 'warm_ms'),
    samples: count(fields, 'samples', 1),
    rejected: count(fields, 'rejected', 0),
  };
  seen.add(signature);
  return { where: fields.where, kernels: splitKernels(signature), latency };
}

/** From 0 on: a browser's clock may not tell a fast kernel from nothing. */
function time(fields: Fields, name: string): number | null {
  const text = name === 'median_ms' ? requiredText(fields, name, 'a time in ms') : fields.text(name);
  if (text === undefined) return null;
  const ms = parseNumber(text);
  if (ms !== undefined) return ms;
  throw new NasError(fields.where, { found: `${name} is ${quote(text)}`, expected: 'a time in ms' });
}

function count(fields: Fields, name: string, from: number): number | null {
  return fields.text(name) === undefined ? null : wholeNumber(fields, name, from, Number.MAX_SAFE_INTEGER);
}
