import { NasError } from '../../base/errors.ts';
import { listOf, parseJson } from '../../base/parse.ts';
import { squeezeExcitation } from '../../blocks/squeeze-excitation.ts';
import type { GraphBuilder, NodeId } from '../../graph/graph.ts';
import type { ActivationFunction } from '../../graph/op.ts';
import {
  type Fields,
  fieldsOf,
  oneLine,
  optionalWholeNumber,
  parseNumber,
  quote,
  requiredText,
  wholeNumber,
} from './fields.ts';
import { bareLatency, type LatencyRow, type SourceFile, type TableFormat } from './format.ts';
import { kernelsOf } from './lower-row.ts';
import { readOrRefuse } from './rows.ts';

/**
 * The kernel data of nn-Meter's builder (MobiSys 2021, section 4): JSON with kernels of a kind by their ids, each with
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

type BuildKernel = (builder: GraphBuilder, fields: Fields) => NodeId;

function lowerKernel(kind: string, fields: Fields, where: string): readonly string[] {
  const build = KERNELS.get(kind) ?? convolutionNamed(kind);
  if (build === undefined) {
    throw new NasError(where, {
      found: `a kernel of the kind ${quote(kind)}`,
      expected: `conv-bn-relu and the like, dwconv-bn-relu and the like, ${listOf([...KERNELS.keys()])}`,
    });
  }
  return kernelsOf(fields.where, (builder) => build(builder, fields)).kernels;
}

/** A tensor of HW x HW pixels with so many channels as a field says. */
function tensor(builder: GraphBuilder, fields: Fields, channels = 'CIN'): NodeId {
  const pixels = wholeNumber(fields, 'HW');
  return builder.input([pixels, pixels, wholeNumber(fields, channels)]);
}

/** `conv-bn-relu`, `dwconv-block`: with a bias, whatever comes between the convolution and the activation. */
function convolutionNamed(kind: string): BuildKernel | undefined {
  const match = /^(dw)?conv(?:-bn|-block|(?=-))(?:-(relu6?|hswish|swish))?$/.exec(kind);
  if (match === null) return undefined;
  const [, depthwise, activation] = match;
  return (builder, fields) => {
    const input = tensor(builder, fields);
    const inputChannels = wholeNumber(fields, 'CIN');
    const channels = wholeNumber(fields, depthwise === undefined ? 'COUT' : 'CIN');
    if ((optionalWholeNumber(fields, 'COUT') ?? channels) !== channels) {
      throw new NasError(fields.where, { found: 'COUT is not CIN', expected: 'one number for both' });
    }
    const node = builder.convolution(input, channels, {
      kernel: wholeNumber(fields, 'KERNEL_SIZE'),
      stride: wholeNumber(fields, 'STRIDES'),
      groups: depthwise === undefined ? 1 : inputChannels,
      bias: true,
    });
    return builder.activation(node, (activation as ActivationFunction | undefined) ?? 'linear');
  };
}

const activation =
  (name: ActivationFunction): BuildKernel =>
  (builder, fields) =>
    builder.activation(tensor(builder, fields), name);

const pool =
  (name: 'max' | 'average'): BuildKernel =>
  (builder, fields) => {
    const stride = fields.text('POOL_STRIDES') === undefined ? 'STRIDES' : 'POOL_STRIDES';
    return builder.pool(
      tensor(builder, fields),
      name,
      wholeNumber(fields, 'KERNEL_SIZE'),
      wholeNumber(fields, stride),
      'same',
    );
  };

const add: BuildKernel = (builder, fields) => {
  const input = tensor(builder, fields);
  return builder.add({ kind: 'add' }, [input, input]);
};

const KERNELS: ReadonlyMap<string, BuildKernel> = new Map<string, BuildKernel>([
  ['maxpool', pool('max')],
  ['avgpool', pool('average')],
  ['global-avgpool', (builder, fields) => builder.globalAveragePool(tensor(builder, fields))],
  [
    'fc',
    (builder, fields) =>
      builder.linear(builder.input([1, 1, wholeNumber(fields, 'CIN')]), wholeNumber(fields, 'COUT')),
  ],
  ['add', add],
  ['addrelu', (builder, fields) => builder.activation(add(builder, fields), 'relu')],
  [
    'concat',
    (builder, fields) => {
      const there = ['CIN1', 'CIN2', 'CIN3', 'CIN4'].filter((name) => optionalWholeNumber(fields, name, 0));
      return builder.add(
        { kind: 'concat' },
        there.map((name) => tensor(builder, fields, name)),
      );
    },
  ],
  [
    'split',
    (builder, fields) => {
      const input = tensor(builder, fields);
      const half = wholeNumber(fields, 'CIN') / 2;
      if (!Number.isInteger(half)) {
        throw new NasError(fields.where, { found: `CIN is ${2 * half}`, expected: 'an even number' });
      }
      builder.add({ kind: 'channel-split', offset: 0, channels: half }, [input]);
      return builder.add({ kind: 'channel-split', offset: half, channels: half }, [input]);
    },
  ],
  [
    'channelshuffle',
    (builder, fields) => builder.add({ kind: 'channel-shuffle', groups: 2 }, [tensor(builder, fields)]),
  ],
  [
    'se',
    (builder, fields) =>
      // nn-Meter gates with h-swish, on one pixel, where networks have h-sigmoid; they are taken for one.
      squeezeExcitation(builder, tensor(builder, fields), wholeNumber(fields, 'CIN'), {
        ratio: 0.25,
        of: 'expansion',
        divisor: 1,
        activation: 'relu',
        gate: 'hsigmoid',
      }),
  ],
  ['bn', (builder, fields) => builder.batchNorm(tensor(builder, fields))],
  ['bnrelu', (builder, fields) => builder.activation(builder.batchNorm(tensor(builder, fields)), 'relu')],
  ['relu', activation('relu')],
  ['hswish', activation('hswish')],
  ['swish', activation('swish')],
]);
