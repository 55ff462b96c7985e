import { NasError } from '../../../base/errors.ts';
import { parseJson } from '../../../base/parse.ts';
import { readRecords } from '../csv.ts';
import { type Fields, fieldsOf, positiveTime, quote, TIME_UNITS, type TimeUnit } from '../fields.ts';
import {
  bareLatency,
  type LatencyRow,
  type ReadOptions,
  readOrRefuse,
  type SourceFile,
  type TableFormat,
} from '../format.ts';
import { lowerRow } from './blocks.ts';
import { HEADER } from './columns.ts';

/**
 * A look-up table of FBNet's candidates (arXiv:1812.03443, section 3.2), a row a block, as CSV with a header or as a
 * JSON list of objects. The paper names no columns; those of `columns.ts` are words in use.
 */
export const fbnet: TableFormat = {
  description:
    'a row a block with op (ir_k3_e6, skip, conv, …), input, channels, stride and latency_us or latency_ms',
  statistic: 'mean',
  *read(files, options) {
    for (const file of files) {
      for (const fields of rowsOf(file)) {
        yield fields instanceof NasError ? fields : readOrRefuse(() => readRow(fields, options));
      }
    }
  },
};

function rowsOf(file: SourceFile): Iterable<Fields | NasError> {
  return /^\s*\[/.test(file.text) ? rowsOfJson(file) : readRecords(file, HEADER);
}

function* rowsOfJson({ where, text }: SourceFile): Generator<Fields | NasError> {
  const rows = parseJson(text, where);
  if (!Array.isArray(rows)) throw new NasError(where, { found: 'no list', expected: 'a list of rows' });
  for (const [i, row] of rows.entries()) {
    const place = `${where}: [${i}]`;
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      yield new NasError(place, { found: 'no object', expected: 'a row as an object' });
      continue;
    }
    const named = new Map<string, unknown>();
    let unknown: string | undefined;
    for (const [key, value] of Object.entries(row)) {
      const name = HEADER.read(key);
      if (name === undefined || named.has(name)) unknown ??= key;
      else named.set(name, value);
    }
    yield unknown === undefined
      ? fieldsOf(Object.fromEntries(named), place)
      : new NasError(place, { found: `a field ${quote(unknown)}`, expected: HEADER.expected });
  }
}

function readRow(fields: Fields, { unit }: ReadOptions): LatencyRow {
  const { where } = fields;
  const { kernels } = lowerRow(fields);
  return { where, kernels, latency: bareLatency(readTime(fields, unit)) };
}

function readTime(fields: Fields, otherwise: TimeUnit | undefined): number {
  for (const unit of UNIT_NAMES) {
    const column = `latency_${unit}`;
    if (fields.text(column) !== undefined) return positiveTime(fields, column, unit);
  }
  if (fields.text('latency') !== undefined && otherwise === undefined) {
    throw new NasError(fields.where, {
      found: 'latency, which has no unit',
      expected: 'latency_us, latency_ms or latency_s',
      next: 'name the column so, or say the unit: --unit us',
    });
  }
  return positiveTime(fields, 'latency', otherwise);
}

const UNIT_NAMES = Object.keys(TIME_UNITS) as TimeUnit[];
