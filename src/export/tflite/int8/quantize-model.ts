import {
  type TensorId,
  type TfliteModel,
  TfliteModelBuilder,
  type TfliteOperator,
  type TfliteQuantization,
  type TfliteTensor,
} from '../../../devices/runtimes/litert/tflite/model.ts';
import { activationScales } from './activation-scales.ts';
import {
  activationQuantization,
  quantize,
  quantizeBias,
  quantizeWeights,
  type Range,
} from './quantization.ts';

/** Operators with weights, and the axis of their weights that is the output channel. */
const CHANNEL_AXIS: Readonly<Partial<Record<TfliteOperator['code'], number>>> = {
  CONV_2D: 0,
  DEPTHWISE_CONV_2D: 3,
  FULLY_CONNECTED: 0,
};

/**
 * The model in integers, by the rules of LiteRT's 8-bit quantization (https://ai.google.dev/edge/litert/models/quantization_spec):
 * weights symmetric with a scale for each output channel (fully connected layers too, which runtimes take since 2023),
 * biases in 32 bits, activations asymmetric. Images go in and logits come out as float32, as of the float model, so
 * that one file can take the other's place; all between is int8.
 */
export function quantizeModel(model: TfliteModel, ranges: ReadonlyMap<TensorId, Range>): TfliteModel {
  const scales = activationScales(model, ranges);
  const builder = new TfliteModelBuilder();
  const made = new Map<TensorId, TensorId>();
  const tensorAt = (id: TensorId | undefined): TfliteTensor =>
    model.tensors[id ?? -1] ?? { name: '', shape: [] };
  const inputs = model.inputs.map((id) => {
    const { name, shape } = tensorAt(id);
    const input = builder.tensor(name, shape);
    made.set(
      id,
      builder.operator('QUANTIZE', [input], { name: `${name}/int8`, shape, ...scaled(scales, id) }),
    );
    return input;
  });
  for (const { code, inputs: read, outputs, options } of model.operators) {
    const axis = CHANNEL_AXIS[code];
    const parameters = axis === undefined ? [] : layerParameters(axis, read, builder, scales, tensorAt);
    const operands = read.map((id, place) => {
      const known = place === 0 ? undefined : parameters[place - 1];
      return known ?? made.get(id) ?? constant(tensorAt(id), builder);
    });
    const [output = -1] = outputs;
    const { name, shape } = tensorAt(output);
    made.set(output, builder.operator(code, operands, { name, shape, ...scaled(scales, output) }, options));
  }
  const results = model.outputs.map((id) => {
    const { name, shape } = tensorAt(id);
    return builder.operator('DEQUANTIZE', [made.get(id) ?? -1], { name: `${name}/float32`, shape });
  });
  return builder.build(inputs, results);
}

/** Weights and bias of a convolution or a fully connected layer. */
function layerParameters(
  axis: number,
  [input, weightsId, biasId]: readonly TensorId[],
  builder: TfliteModelBuilder,
  scales: ReadonlyMap<TensorId, TfliteQuantization>,
  tensorAt: (id: TensorId | undefined) => TfliteTensor,
): readonly TensorId[] {
  const [weights, bias] = [tensorAt(weightsId), tensorAt(biasId)];
  const [values, biases] = [floatsOf(weights), floatsOf(bias)];
  const inputScale = scales.get(input ?? -1)?.scales[0] ?? 1;
  const perChannel = values.length / biases.length;
  const channelOf = axis === 0 ? (i: number) => Math.floor(i / perChannel) : (i: number) => i % biases.length;
  const integers = quantizeWeights(values, biases, inputScale, axis, channelOf);
  const summed = quantizeBias(biases, inputScale, integers.quantization);
  return [
    builder.constant(weights.name, weights.shape, integers.data, integers.quantization),
    builder.constant(bias.name, bias.shape, summed.data, summed.quantization),
  ];
}

/** Shapes and axes as they are; numbers that are added, multiplied or slopes, in int8 with one scale. */
function constant({ name, shape, data }: TfliteTensor, builder: TfliteModelBuilder): TensorId {
  if (data === undefined) throw new RangeError(`${name} is read before it is computed`);
  if (!(data instanceof Float32Array)) return builder.constant(name, shape, data);
  const quantization = activationQuantization({
    least: data.reduce((least, value) => Math.min(least, value), 0),
    greatest: data.reduce((greatest, value) => Math.max(greatest, value), 0),
  });
  return builder.constant(name, shape, quantize(data, quantization), quantization);
}

function floatsOf({ name, data }: TfliteTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new RangeError(`${name} holds no float32`);
}

function scaled(
  scales: ReadonlyMap<TensorId, TfliteQuantization>,
  id: TensorId,
): { readonly quantization: TfliteQuantization } {
  const quantization = scales.get(id);
  if (quantization === undefined) throw new RangeError(`tensor ${id} has no scale`);
  return { quantization };
}
