/** Every op again, in plain loops and double precision: slow, obvious, and written without the kernels. */
import type { Graph } from '../../../src/graph/graph.ts';
import {
  type ActivationFunction,
  type Op,
  type Shape,
  type Window,
  windowAlongAxis,
} from '../../../src/graph/op.ts';

/** [batch, height, width, channels] */
export interface Images {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** The logical elements of a parameter of a node. */
export type ParameterReader = (node: number, role: string) => ArrayLike<number>;

const EPSILON = 1e-3;

/** The values of all nodes, in training: batch-norm goes by the batch. */
export function runReference(
  graph: Graph,
  batch: number,
  input: Float64Array,
  parameter: ParameterReader,
): readonly Images[] {
  const values: Images[] = [];
  graph.nodes.forEach(({ op, inputs, shape }, id) => {
    const sources = inputs.map((source) => values[source]!);
    const data =
      op.kind === 'input' ? input : evaluateOp(op, sources, batch, shape, (role) => parameter(id, role));
    values.push({ shape, data });
  });
  return values;
}

function evaluateOp(
  op: Exclude<Op, { kind: 'input' }>,
  sources: readonly Images[],
  batch: number,
  shape: Shape,
  parameter: (role: string) => ArrayLike<number>,
): Float64Array {
  const [height, width, channels] = shape;
  const source = sources[0]!;
  const [inputHeight, inputWidth, inputChannels] = source.shape;
  const at = (images: Images, n: number, y: number, x: number, c: number) =>
    images.data[((n * images.shape[0] + y) * images.shape[1] + x) * images.shape[2] + c]!;
  const each = (value: (n: number, y: number, x: number, c: number) => number) => {
    const data = new Float64Array(batch * height * width * channels);
    let place = 0;
    for (let n = 0; n < batch; n++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) data[place++] = value(n, y, x, c);
    return data;
  };
  switch (op.kind) {
    case 'convolution': {
      const weight = parameter('weight');
      const bias = op.bias ? parameter('bias') : undefined;
      const perGroup = inputChannels / op.groups;
      return each((n, y, x, c) => {
        const firstInput = Math.floor(c / (channels / op.groups)) * perGroup;
        let sum = bias?.[c] ?? 0;
        for (const [tap, row, column] of windowTaps(source.shape, op, y, x))
          for (let i = 0; i < perGroup; i++)
            sum += at(source, n, row, column, firstInput + i) * weight[(tap * perGroup + i) * channels + c]!;
        return sum;
      });
    }
    case 'linear': {
      const weight = parameter('weight');
      const bias = op.bias ? parameter('bias') : undefined;
      return each((n, _y, _x, c) => {
        let sum = bias?.[c] ?? 0;
        for (let i = 0; i < inputChannels; i++) sum += at(source, n, 0, 0, i) * weight[i * channels + c]!;
        return sum;
      });
    }
    case 'batch-norm': {
      const [scale, shift] = [parameter('scale'), parameter('shift')];
      const statistics = Array.from({ length: channels }, (_, c) => momentsOf(source.data, channels, c));
      return each((n, y, x, c) => {
        const { mean, variance } = statistics[c]!;
        return (scale[c]! * (at(source, n, y, x, c) - mean)) / Math.sqrt(variance + EPSILON) + shift[c]!;
      });
    }
    case 'activation': {
      const slope = op.function === 'prelu' ? parameter('slope') : undefined;
      return each((n, y, x, c) => activate(op.function, at(source, n, y, x, c), slope?.[c] ?? 0));
    }
    case 'add':
      return each((n, y, x, c) => at(source, n, y, x, c) + at(sources[1]!, n, y, x, c));
    case 'multiply': {
      const factor = sources[1]!;
      const gate = factor.shape[0] !== height || factor.shape[1] !== width;
      return each((n, y, x, c) => at(source, n, y, x, c) * at(factor, n, gate ? 0 : y, gate ? 0 : x, c));
    }
    case 'concat':
      return each((n, y, x, c) => {
        let channel = c;
        for (const part of sources) {
          if (channel < part.shape[2]) return at(part, n, y, x, channel);
          channel -= part.shape[2];
        }
        throw new RangeError('past the last part');
      });
    case 'channel-split':
      return each((n, y, x, c) => at(source, n, y, x, op.offset + c));
    case 'channel-shuffle': {
      const data = new Float64Array(source.data.length);
      const perGroup = channels / op.groups;
      source.data.forEach((value, place) => {
        const channel = place % channels;
        const moved = (channel % perGroup) * op.groups + Math.floor(channel / perGroup);
        data[place - channel + moved] = value;
      });
      return data;
    }
    case 'pool':
      return each((n, y, x, c) => {
        const values = windowTaps(source.shape, op, y, x).map(([, row, column]) =>
          at(source, n, row, column, c),
        );
        return op.function === 'max'
          ? Math.max(...values)
          : values.reduce((sum, value) => sum + value, 0) / values.length;
      });
    case 'global-average-pool':
      return each((n, _y, _x, c) => {
        let sum = 0;
        for (let y = 0; y < inputHeight; y++)
          for (let x = 0; x < inputWidth; x++) sum += at(source, n, y, x, c);
        return sum / (inputHeight * inputWidth);
      });
  }
}

/** The taps of a window that hit the image, as [tap, row, column]. */
function windowTaps(
  [height, width]: Shape,
  { kernel, stride, dilation = [1, 1], padding }: Window,
  y: number,
  x: number,
): readonly (readonly [number, number, number])[] {
  const top = windowAlongAxis(height, kernel[0], stride[0], padding, dilation[0]).padBefore;
  const left = windowAlongAxis(width, kernel[1], stride[1], padding, dilation[1]).padBefore;
  const taps: [number, number, number][] = [];
  for (let a = 0; a < kernel[0]; a++)
    for (let b = 0; b < kernel[1]; b++) {
      const row = y * stride[0] + a * dilation[0] - top;
      const column = x * stride[1] + b * dilation[1] - left;
      if (row >= 0 && row < height && column >= 0 && column < width)
        taps.push([a * kernel[1] + b, row, column]);
    }
  return taps;
}

function momentsOf(data: Float64Array, channels: number, channel: number) {
  const values = data.filter((_, place) => place % channels === channel);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

function activate(activation: ActivationFunction, z: number, slope: number): number {
  const hardSigmoid = Math.min(Math.max(z + 3, 0), 6) / 6;
  const sigmoid = 1 / (1 + Math.exp(-z));
  switch (activation) {
    case 'relu':
      return Math.max(z, 0);
    case 'relu6':
      return Math.min(Math.max(z, 0), 6);
    case 'hswish':
      return z * hardSigmoid;
    case 'hsigmoid':
      return hardSigmoid;
    case 'sigmoid':
      return sigmoid;
    case 'swish':
      return z * sigmoid;
    case 'prelu':
      return z > 0 ? z : slope * z;
  }
}
