import type { Program } from '../../../src/devices/program.ts';
import type { ParameterSource } from '../../../src/devices/runtimes/litert/tflite/parameters.ts';
import type { GraphNode } from '../../../src/graph/graph.ts';
import { type ActivationFunction, type Window, windowAlongAxis } from '../../../src/graph/op.ts';

/** [height][width][channels] of numbers, flat. */
type Values = Float64Array;

/** Runs a program op by op with plain loops, straight from the definitions; the truth that runtimes are held to. */
export function runReference(
  program: Program,
  parameters: ParameterSource,
  inputs: readonly Float32Array[],
): readonly Values[] {
  const results: Values[] = [];
  const waiting = [...inputs];
  program.nodes.forEach((node) => {
    const reads = node.inputs.map((id) => ({ values: results[id]!, node: program.nodes[id]! }));
    results.push(
      node.op.kind === 'input' ? Float64Array.from(waiting.shift()!) : run(node, reads, parameters),
    );
  });
  return program.outputs.map((id) => results[id]!);
}

type Read = { readonly values: Values; readonly node: GraphNode };

function run(node: GraphNode, reads: readonly Read[], parameters: ParameterSource): Values {
  const { op, shape } = node;
  const [height, width, channels] = shape;
  const first = reads[0]!;
  const [inputHeight, inputWidth, inputChannels] = first.node.shape;
  const at = (read: Read, y: number, x: number, c: number): number => {
    const [, w, count] = read.node.shape;
    return read.values[(y * w + x) * count + c]!;
  };
  const fill = (value: (y: number, x: number, c: number) => number): Values => {
    const out = new Float64Array(height * width * channels);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) out[(y * width + x) * channels + c] = value(y, x, c);
    return out;
  };
  const window = (
    { kernel, stride, dilation = [1, 1], padding }: Window,
    y: number,
    x: number,
  ): [number, number, number, number][] => {
    const top =
      y * stride[0] - windowAlongAxis(inputHeight, kernel[0], stride[0], padding, dilation[0]).padBefore;
    const left =
      x * stride[1] - windowAlongAxis(inputWidth, kernel[1], stride[1], padding, dilation[1]).padBefore;
    const taps: [number, number, number, number][] = [];
    for (let i = 0; i < kernel[0]; i++)
      for (let j = 0; j < kernel[1]; j++) {
        const row = top + i * dilation[0];
        const column = left + j * dilation[1];
        if (row >= 0 && row < inputHeight && column >= 0 && column < inputWidth)
          taps.push([i, j, row, column]);
      }
    return taps;
  };
  switch (op.kind) {
    case 'input':
      throw new Error('inputs are given');
    case 'convolution': {
      const perGroup = inputChannels / op.groups;
      const outPerGroup = op.channels / op.groups;
      const [kernelHeight, kernelWidth] = op.kernel;
      const weights = parameters.parameter(node.name, 'weights', [
        op.channels,
        kernelHeight,
        kernelWidth,
        perGroup,
      ]);
      const bias = op.bias ? parameters.parameter(node.name, 'bias', [op.channels]) : undefined;
      return fill((y, x, c) => {
        let sum = bias?.[c] ?? 0;
        const offset = Math.floor(c / outPerGroup) * perGroup;
        for (const [i, j, row, column] of window(op, y, x))
          for (let k = 0; k < perGroup; k++)
            sum +=
              weights[((c * kernelHeight + i) * kernelWidth + j) * perGroup + k]! *
              at(first, row, column, offset + k);
        return sum;
      });
    }
    case 'linear': {
      const weights = parameters.parameter(node.name, 'weights', [op.channels, inputChannels]);
      const bias = op.bias ? parameters.parameter(node.name, 'bias', [op.channels]) : undefined;
      return fill((_y, _x, c) => {
        let sum = bias?.[c] ?? 0;
        for (let k = 0; k < inputChannels; k++) sum += weights[c * inputChannels + k]! * at(first, 0, 0, k);
        return sum;
      });
    }
    case 'batch-norm': {
      const [gamma, beta, mean, variance] = (['gamma', 'beta', 'mean', 'variance'] as const).map((role) =>
        parameters.parameter(node.name, role, [channels]),
      );
      return fill(
        (y, x, c) =>
          (gamma![c]! * (at(first, y, x, c) - mean![c]!)) /
            Math.sqrt(variance![c]! + parameters.batchNormEpsilon) +
          beta![c]!,
      );
    }
    case 'activation': {
      const slope =
        op.function === 'prelu' ? parameters.parameter(node.name, 'slope', [channels]) : undefined;
      return fill((y, x, c) => activate(op.function, at(first, y, x, c), slope?.[c] ?? 0));
    }
    case 'add':
      return fill((y, x, c) => at(first, y, x, c) + at(reads[1]!, y, x, c));
    case 'multiply': {
      const [h, w] = reads[1]!.node.shape;
      return fill((y, x, c) => at(first, y, x, c) * at(reads[1]!, h === 1 ? 0 : y, w === 1 ? 0 : x, c));
    }
    case 'concat':
      return fill((y, x, c) => {
        let channel = c;
        for (const read of reads) {
          if (channel < read.node.shape[2]) return at(read, y, x, channel);
          channel -= read.node.shape[2];
        }
        throw new Error('channel out of range');
      });
    case 'channel-split':
      return fill((y, x, c) => at(first, y, x, op.offset + c));
    case 'channel-shuffle': {
      const perGroup = channels / op.groups;
      const out = new Float64Array(height * width * channels);
      for (let pixel = 0; pixel < height * width; pixel++)
        for (let g = 0; g < op.groups; g++)
          for (let i = 0; i < perGroup; i++)
            out[pixel * channels + i * op.groups + g] = first.values[pixel * channels + g * perGroup + i]!;
      return out;
    }
    case 'pool':
      return fill((y, x, c) => {
        const taps = window(op, y, x).map(([, , row, column]) => at(first, row, column, c));
        return op.function === 'max'
          ? Math.max(...taps)
          : taps.reduce((sum, tap) => sum + tap, 0) / taps.length;
      });
    case 'global-average-pool':
      return fill((_y, _x, c) => {
        let sum = 0;
        for (let y = 0; y < inputHeight; y++) for (let x = 0; x < inputWidth; x++) sum += at(first, y, x, c);
        return sum / (inputHeight * inputWidth);
      });
  }
}

function activate(activation: ActivationFunction, x: number, slope: number): number {
  const relu6 = (value: number): number => Math.min(6, Math.max(0, value));
  switch (activation) {
    case 'relu':
      return Math.max(0, x);
    case 'relu6':
      return relu6(x);
    case 'hswish':
      return (x * relu6(x + 3)) / 6;
    case 'hsigmoid':
      return relu6(x + 3) / 6;
    case 'sigmoid':
      return 1 / (1 + Math.exp(-x));
    case 'swish':
      return x / (1 + Math.exp(-x));
    case 'prelu':
      return x < 0 ? slope * x : x;
  }
}
