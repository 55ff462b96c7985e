import { NasError } from '../../../base/errors.ts';
import { listOf } from '../../../base/parse.ts';
import { squeezeExcitation } from '../../../blocks/squeeze-excitation.ts';
import type { GraphBuilder, NodeId } from '../../../graph/graph.ts';
import type { ActivationFunction } from '../../../graph/op.ts';
import { type Fields, optionalWholeNumber, quote, wholeNumber } from '../fields.ts';
import { lowerLayer } from '../lower-layer.ts';

type BuildKernel = (builder: GraphBuilder, fields: Fields) => NodeId;

/** The kernels of a kind with a configuration: one, or those that nn-Meter takes for one. */
export function lowerKernel(kind: string, fields: Fields, where: string): readonly string[] {
  const build = KERNELS.get(kind) ?? convolutionNamed(kind);
  if (build === undefined) {
    throw new NasError(where, {
      found: `a kernel of the kind ${quote(kind)}`,
      expected: `conv-bn-relu and the like, dwconv-bn-relu and the like, ${listOf([...KERNELS.keys()])}`,
    });
  }
  return lowerLayer(fields.where, (builder) => build(builder, fields)).kernels;
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
