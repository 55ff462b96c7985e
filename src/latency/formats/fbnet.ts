import { NasError } from '../../base/errors.ts';
import { listOf, parseJson } from '../../base/parse.ts';
import type { Shape } from '../../graph/op.ts';
import { type Header, readRecords } from './csv.ts';
import {
  type Fields,
  fieldsOf,
  optionalWholeNumber,
  positiveTime,
  quote,
  requiredText,
  shapeField,
  TIME_UNITS,
  type TimeUnit,
  wholeNumber,
} from './fields.ts';
import {
  bareLatency,
  type LatencyRow,
  type ReadOptions,
  type SourceFile,
  type TableFormat,
} from './format.ts';
import { type BlockSource, kernelsOf, kernelsOfBlock } from './lower-row.ts';
import { readOrRefuse } from './rows.ts';

/**
 * A look-up table of FBNet's candidates (arXiv:1812.03443, section 3.2), a row a block, as CSV with a header or as a
 * JSON list of objects. The paper names no columns; these are the words in use, and what else they go by.
 */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  op: ['block', 'op_name', 'op_type', 'block_type'],
  /** Height x width x channels. */
  input: ['input_shape'],
  /** Where `input` is not there: pixels along a side, or both sides, and channels. */
  size: ['input_size', 'resolution', 'hw'],
  height: ['h', 'input_h', 'input_height'],
  width: ['w', 'input_w', 'input_width'],
  in_channels: ['c_in', 'cin', 'input_channels'],
  channels: ['c_out', 'cout', 'out_channels', 'output_channels', 'filters'],
  stride: ['s', 'strides'],
  /** These three may stand in the op's name instead. */
  kernel: ['k', 'kernel_size'],
  expansion: ['e', 'expand', 'expand_ratio', 'expansion_ratio'],
  groups: ['g', 'group'],
  activation: ['act'],
  latency: [],
  latency_ms: [],
  latency_us: [],
  latency_s: [],
};

const HEADER: Header = {
  read: (text) => {
    const wanted = text.toLowerCase().replaceAll(/[ -]/g, '_');
    return Object.keys(COLUMNS).find((name) => name === wanted || COLUMNS[name]?.includes(wanted));
  },
  expected: `${listOf(Object.keys(COLUMNS))}, each once`,
};

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

function lowerRow(fields: Fields): ReturnType<typeof kernelsOf> {
  const { where } = fields;
  const [op = '', ...words] = requiredText(fields, 'op', 'a block such as ir_k3_e6').toLowerCase().split('_');
  const isCandidate = /^k\d+$/.test(op);
  const named = wordsOf(isCandidate ? [op, ...words] : words, where);
  const input = inputOf(fields);
  const activation = fields.text('activation') ?? 'relu';
  const block = (source: BlockSource): ReturnType<typeof kernelsOf> =>
    kernelsOfBlock(where, source, input, {
      channels: wholeNumber(fields, 'channels'),
      stride: optionalWholeNumber(fields, 'stride') ?? 1,
    });
  // What the name says, else the column; a name and a column that say different things are an error.
  const sizeOf = (name: 'kernel' | 'expansion' | 'groups', otherwise?: number): number => {
    const inColumn = optionalWholeNumber(fields, name);
    const value = named[name] ?? inColumn ?? otherwise;
    if (value === undefined || (inColumn !== undefined && inColumn !== value)) {
      throw new NasError(where, {
        found: value === undefined ? `no ${name}` : `${name} is ${inColumn}`,
        expected:
          value === undefined
            ? `its ${name}, in the op's name or a column`
            : `${value}, as the block's name says`,
      });
    }
    return value;
  };
  switch (isCandidate ? 'ir' : op) {
    case 'ir':
      return block({
        type: 'inverted-residual',
        kernel: sizeOf('kernel'),
        expansion: sizeOf('expansion'),
        groups: sizeOf('groups', 1),
        expandAlways: true,
        activation,
      });
    case 'conv':
      return block({ type: 'convolution', kernel: sizeOf('kernel'), activation });
    case 'skip':
      return block({ type: 'identity', activation });
    case 'avgpool':
      return kernelsOf(where, (builder) => builder.globalAveragePool(builder.input(input)));
    case 'fc':
      return kernelsOf(where, (builder) =>
        builder.linear(builder.input(input), wholeNumber(fields, 'channels')),
      );
    case 'logits':
      return block({ type: 'classifier' });
    default:
      throw new NasError(where, {
        found: `op is ${quote(fields.text('op') ?? '')}`,
        expected: 'ir_k3_e6 and the like, conv, skip, avgpool, fc or logits',
      });
  }
}

/** What a block's name says: `k3` the window, `e6` the expansion, `g2` groups; `s2` and `s4` are groups with a shuffle. */
function wordsOf(
  words: readonly string[],
  where: string,
): { readonly kernel?: number; readonly expansion?: number; readonly groups?: number } {
  let named = {};
  for (const word of words) {
    const [, letter, digits] = /^([kegs])(\d{1,3})$/.exec(word) ?? [];
    const size = Number(digits);
    if (letter === undefined) {
      throw new NasError(where, {
        found: `op has ${quote(word)} in it`,
        expected: 'k, e, g or s with a number, such as ir_k3_e6 or ir_k5_s2',
      });
    }
    if (letter === 'k') named = { ...named, kernel: size };
    if (letter === 'e') named = { ...named, expansion: size };
    if (letter === 'g') named = { ...named, groups: size };
    // In FBNet's released code s2 is 2 groups at expansion 1, and s4 is 4 groups at expansion 4.
    if (letter === 's') named = { ...named, groups: size, expansion: size === 2 ? 1 : size };
  }
  return named;
}

function inputOf(fields: Fields): Shape {
  if (fields.text('input') !== undefined) return shapeField(fields, 'input');
  const height = wholeNumber(fields, fields.text('size') === undefined ? 'height' : 'size');
  const width = optionalWholeNumber(fields, 'width') ?? height;
  return [height, width, wholeNumber(fields, 'in_channels')];
}
