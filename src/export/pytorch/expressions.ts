import type { GraphNode } from '../../graph/graph.ts';
import type { ActivationFunction, Op, Shape } from '../../graph/op.ts';
import { type ImagePadding, imagePadding, isEven } from '../image-padding.ts';
import type { Helper } from './helpers.ts';
import { pythonCall, pythonExtent } from './python.ts';

const ACTIVATIONS: Readonly<Record<Exclude<ActivationFunction, 'prelu'>, string>> = {
  relu: 'F.relu',
  relu6: 'F.relu6',
  hswish: 'F.hardswish',
  hsigmoid: 'F.hardsigmoid',
  sigmoid: 'torch.sigmoid',
  swish: 'F.silu',
};

/** What an op makes of its arguments, in Python; `module` is the one that holds its parameters. */
export function expressionOf(
  { op }: GraphNode,
  input: Shape,
  [first = '', second = '', ...others]: readonly string[],
  module: string,
): { readonly text: string; readonly helper?: Helper } {
  switch (op.kind) {
    case 'input':
      return { text: first };
    case 'convolution':
      return { text: `${module}(${padded(first, imagePadding(op, input))})` };
    case 'linear':
      return { text: `${module}(${first}.flatten(1))[:, :, None, None]` };
    case 'batch-norm':
      return { text: `${module}(${first})` };
    case 'activation':
      return { text: `${op.function === 'prelu' ? module : ACTIVATIONS[op.function]}(${first})` };
    case 'add':
      return { text: `${first} + ${second}` };
    case 'multiply':
      return { text: `${first} * ${second}` };
    case 'concat':
      return { text: `torch.cat((${[first, second, ...others].join(', ')}), dim=1)` };
    case 'channel-split':
      return { text: `${first}[:, ${op.offset}:${op.offset + op.channels}]` };
    case 'channel-shuffle':
      return { text: `channel_shuffle(${first}, ${op.groups})`, helper: 'channel_shuffle' };
    case 'global-average-pool':
      return { text: `${first}.mean((2, 3), keepdim=True)` };
    case 'pool':
      return pool(op, input, first);
  }
}

function pool(
  op: Extract<Op, { readonly kind: 'pool' }>,
  input: Shape,
  argument: string,
): { readonly text: string; readonly helper?: Helper } {
  const padding = imagePadding(op, input);
  const window = [pythonExtent(op.kernel), pythonExtent(op.stride)];
  if (op.function === 'average' && !isEven(padding)) {
    return {
      text: pythonCall('average_pool', [argument, ...window, sides(padding)]),
      helper: 'average_pool',
    };
  }
  const inside = isEven(padding) ? pythonExtent([padding.top, padding.left]) : '0';
  const padsInside = inside !== '0';
  return {
    text:
      op.function === 'max'
        ? pythonCall('F.max_pool2d', [
            padded(argument, padding, "float('-inf')"),
            ...window,
            padsInside ? inside : undefined,
          ])
        : pythonCall('F.avg_pool2d', [
            ...[argument, ...window],
            padsInside ? inside : undefined,
            padsInside ? 'count_include_pad=False' : undefined,
          ]),
  };
}

/** The odd pixel of `same` padding comes last; even padding is left to the op itself. */
function padded(argument: string, padding: ImagePadding, value?: string): string {
  if (isEven(padding)) return argument;
  return pythonCall('F.pad', [argument, sides(padding), value === undefined ? undefined : `value=${value}`]);
}

function sides({ left, right, top, bottom }: ImagePadding): string {
  return `(${left}, ${right}, ${top}, ${bottom})`;
}
