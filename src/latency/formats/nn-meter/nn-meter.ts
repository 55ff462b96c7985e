import { NasError } from '../../../base/errors.ts';
import { parseJson } from '../../../base/parse.ts';
import { type Fields, fieldsOf, oneLine, parseNumber, quote, requiredText } from '../fields.ts';
import { bareLatency, type LatencyRow, readOrRefuse, type SourceFile, type TableFormat } from '../format.ts';
import { lowerKernel } from './kernels.ts';

/**
 * The kernel data of nn-Meter's builder (Zhang et al., MobiSys 2021): JSON with kernels of a kind by their ids, each with
 * its `config` and its `latency`, mean +- standard deviation in milliseconds. The two may be in files of their own.
 * Convolutions have a bias, into which nn-Meter's runtimes fold the batch-norm.
 */
export const nnMeter: TableFormat = {
  description:
    "JSON of nn-Meter's builder: kernels by kind and id, with config and latency; several files, also configs apart",
  statistic: 'mean',
  *read(files) {
    for (const [kind, rows] of gather(files)) {
      for (const row of rows.values()) yield readOrRefuse(() => readRow(kind, row));
    }
  },
};

/** What the files have of one kernel. */
interface Gathered {
  readonly where: string;
  readonly config?: unknown;
  readonly latency?: unknown;
}

/** By kind, then by id, the kernels of all files in the order in which they come. */
function gather(files: readonly SourceFile[]): ReadonlyMap<string, ReadonlyMap<string, Gathered>> {
  const byKind = new Map<string, Map<string, Gathered>>();
  for (const { where, text } of files) {
    for (const [kind, kernels] of entriesOf(parseJson(text, where), where)) {
      const place = `${where}: ${oneLine(kind)}`;
      const byId = byKind.get(kind) ?? new Map<string, Gathered>();
      byKind.set(kind, byId);
      for (const [id, kernel] of entriesOf(kernels, place)) {
        // Whatever else is there has neither, which is told when the row is read.
        const { config, latency } = Object.fromEntries(Object.entries(kernel ?? {}));
        const before = byId.get(id);
        byId.set(id, {
          where: latency === undefined && before !== undefined ? before.where : `${place}.${oneLine(id)}`,
          config: config ?? before?.config,
          latency: latency ?? before?.latency,
        });
      }
    }
  }
  return byKind;
}

function entriesOf(value: unknown, where: string): readonly [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new NasError(where, {
    found: 'something else than an object',
    expected: '{"conv-bn-relu": {"ID": {"config": {…}, "latency": "1.5 +- 0.1"}}}',
  });
}

function readRow(kind: string, { where, config, latency }: Gathered): LatencyRow {
  if (config === undefined || latency === undefined) {
    throw new NasError(where, {
      found: config === undefined ? 'no config' : 'no latency',
      expected: 'both, in this file or in another one that is imported with it',
    });
  }
  const fields = fieldsOf(Object.fromEntries(entriesOf(config, `${where}.config`)), `${where}.config`);
  return {
    where,
    kernels: lowerKernel(kind, fields, where),
    latency: bareLatency(readMean(fieldsOf({ latency }, where))),
  };
}

/** A kernel that could not be measured has 0. */
function readMean(fields: Fields): number {
  const expected = 'a mean above 0, in ms: "1.5 +- 0.1"';
  const text = requiredText(fields, 'latency', expected);
  const [mean = '', deviation = '0', ...rest] = text.split('+-').map((part) => part.trim());
  const ms = rest.length === 0 && parseNumber(deviation) !== undefined ? (parseNumber(mean) ?? 0) : 0;
  if (ms > 0) return ms;
  throw new NasError(fields.where, { found: `latency is ${quote(text)}`, expected });
}
