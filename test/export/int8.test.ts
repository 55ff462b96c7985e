import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import {
  type TensorId,
  type TfliteModel,
  TfliteModelBuilder,
  type TfliteTensor,
} from '../../src/devices/runtimes/litert/tflite/model.ts';
import { serializeTflite } from '../../src/devices/runtimes/litert/tflite/serialize.ts';
import { holdsInt8 } from '../../src/export/tflite/holds-int8.ts';
import { affineAsDepthwise } from '../../src/export/tflite/int8/affine-as-depthwise.ts';
import { tensorRanges } from '../../src/export/tflite/int8/calibrate.ts';
import { int8File } from '../../src/export/tflite/int8/int8.ts';
import {
  activationQuantization,
  quantize,
  quantizeBias,
  quantizeWeights,
} from '../../src/export/tflite/int8/quantization.ts';
import { quantizeModel } from '../../src/export/tflite/int8/quantize-model.ts';
import { float32Model } from '../../src/export/tflite/tflite.ts';
import { imagesOf, liteRtRuns } from './lite-rt.ts';
import { type Example, tinyExamples, wholeExamples } from './some-network.ts';

const run = await liteRtRuns();
const IMAGES = 8;

async function quantized({ network, input, images }: Example): Promise<TfliteModel> {
  const model = affineAsDepthwise(float32Model(network));
  return quantizeModel(model, await tensorRanges(model, imagesOf(input, images), run));
}

async function outputs(model: TfliteModel, input: Float32Array, images: number): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const values of run(serializeTflite(model), imagesOf(input, images))) found.push(...values);
  return found;
}

/** The float32 model of the very numbers that an int8 model holds. */
function dequantized({ tensors, operators, inputs, outputs: results }: TfliteModel): TfliteModel {
  const same = new Map<TensorId, TensorId>();
  for (const {
    code,
    inputs: [read = -1],
    outputs: [made = -1],
  } of operators) {
    if (code === 'QUANTIZE') same.set(made, read);
    if (code === 'DEQUANTIZE') same.set(made, read);
  }
  const at = (id: TensorId): TensorId => same.get(id) ?? id;
  return {
    tensors: tensors.map(({ name, shape, data, quantization }): TfliteTensor => {
      if (data === undefined || quantization === undefined) return { name, shape, ...(data && { data }) };
      const { scales, zeroPoints, axis } = quantization;
      const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
      const channelOf = (i: number) => (scales.length === 1 ? 0 : Math.floor(i / inner) % scales.length);
      const values = Array.from(
        data,
        (value, i) => (value - zeroPoints[channelOf(i)]!) * scales[channelOf(i)]!,
      );
      return { name, shape, data: Float32Array.from(values) };
    }),
    operators: operators
      .filter(({ code }) => code !== 'QUANTIZE' && code !== 'DEQUANTIZE')
      .map((operator) => ({ ...operator, inputs: operator.inputs.map(at) })),
    inputs,
    outputs: results.map(at),
  };
}

function rounded(values: Float32Array, model: TfliteModel): Float32Array {
  const quantization = scaleOf(model, model.operators[0]!.outputs[0]!);
  const [scale, zeroPoint] = [quantization.scales[0]!, quantization.zeroPoints[0]!];
  return Float32Array.from(quantize(values, quantization), (value) => (value - zeroPoint) * scale);
}

function scaleOf({ tensors }: TfliteModel, id: TensorId) {
  const { quantization } = tensors[id]!;
  if (quantization === undefined) throw new RangeError(`tensor ${id} is float32`);
  return quantization;
}

describe('an int8 model', () => {
  test.each(tinyExamples(IMAGES).map((example) => [example.network.name, example] as const))(
    'of %s: LiteRT computes with its integers what float32 computes with the same numbers',
    async (_, example) => {
      const model = await quantized(example);
      const { input, images } = example;
      const found = await outputs(model, input, images);
      const expected = await outputs(dequantized(model), rounded(input, model), images);
      const [step] = scaleOf(model, model.operators.at(-1)!.inputs[0]!).scales;
      const worst = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!) / step!));
      // Half a step by rounding the result, and what that of the layers before it makes.
      expect(worst).toBeLessThan(3);
    },
  );

  test.each(wholeExamples(IMAGES).map((example) => [example.network.name, example] as const))(
    'of %s is near its float32 network',
    async (_, example) => {
      const { network, input, images, output } = example;
      const file = await int8File(network, imagesOf(input, images), run);
      expect(holdsInt8(file)).toBe(true);
      const found: number[] = [];
      for await (const values of run(file, imagesOf(input, images))) found.push(...values);
      const square = (values: readonly number[]) => values.reduce((sum, value) => sum + value ** 2, 0);
      const mean = output.reduce((sum, value) => sum + value, 0) / output.length;
      const noise = square(found.map((value, i) => value - output[i]!));
      const signal = square([...output].map((value) => value - mean));
      expect(Math.sqrt(noise / signal)).toBeLessThan(0.5);
    },
  );

  test('computes in integers between its ends: int8, with a scale a channel of weights and 32-bit biases', async () => {
    const [example] = wholeExamples(1).filter(({ network }) => network.name === 'mobilenet-v2');
    const { tensors, operators } = await quantized(example!);
    expect(operators.map(({ code }) => code).filter((code) => code.includes('QUANTIZE'))).toEqual([
      'QUANTIZE',
      'DEQUANTIZE',
    ]);
    for (const { code, inputs } of operators.slice(1)) {
      const [input, weights, bias] = inputs.map((id) => tensors[id]!);
      expect(input!.quantization).toBeDefined();
      if (code !== 'CONV_2D' && code !== 'DEPTHWISE_CONV_2D') continue;
      expect(weights!.data).toBeInstanceOf(Int8Array);
      expect(weights!.quantization!.scales).toHaveLength(bias!.shape[0]!);
      expect(bias!.data).toBeInstanceOf(Int32Array);
      bias!.quantization!.scales.forEach((scale, channel) => {
        const product = input!.quantization!.scales[0]! * weights!.quantization!.scales[channel]!;
        expect(scale / product).toBeCloseTo(1, 6);
      });
    }
  });
});

test('tensors that an operator ties together share the range of all', async () => {
  const builder = new TfliteModelBuilder();
  const input = builder.tensor('input', [1, 1, 1, 2]);
  const six = builder.operator('RELU6', [input], { name: 'six', shape: [1, 1, 1, 2] });
  const all = builder.operator(
    'CONCATENATION',
    [input, six],
    { name: 'all', shape: [1, 1, 1, 4] },
    {
      table: 'ConcatenationOptions',
      values: { axis: 3 },
    },
  );
  const model = builder.build([input], [all]);
  const images = [Float32Array.of(-1, 3), Float32Array.of(2, 9)];
  const ranges = await tensorRanges(model, images, run);
  expect(Object.fromEntries(ranges)).toEqual({
    [input]: { least: -1, greatest: 9 },
    [six]: { least: 0, greatest: 6 },
  });
  const { tensors } = quantizeModel(model, ranges);
  const scales = tensors.flatMap(({ quantization }) => quantization?.scales ?? []);
  expect(scales).toEqual([10 / 255, 10 / 255, 10 / 255].map(Math.fround));
});

test('zero, which pads images, is an integer; integers end where the range does', () => {
  const rng = createRng('ranges');
  for (let i = 0; i < 200; i++) {
    const [least, greatest] = [rng.normal() * 3 - 1, rng.normal() * 3 + 1].sort((a, b) => a - b);
    const quantization = activationQuantization({ least: least!, greatest: greatest! });
    const {
      scales: [scale],
      zeroPoints: [zeroPoint],
    } = quantization;
    expect(zeroPoint).toBe(Math.round(zeroPoint!));
    const values = Float32Array.of(0, least!, greatest!);
    const back = Array.from(quantize(values, quantization), (value) => (value - zeroPoint!) * scale!);
    expect(back[0]).toBe(0);
    const worst = Math.max(...back.map((value, place) => Math.abs(value - values[place]!)));
    expect(worst).toBeLessThanOrEqual(0.51 * scale!);
  }
  expect(activationQuantization({ least: 0, greatest: 0 })).toEqual({
    scales: [1],
    zeroPoints: [-128],
    axis: 0,
  });
});

test('weights have a scale a channel, and one of zeros still holds its bias', () => {
  const weights = Float32Array.of(1, -2, 0.5, 0.25, 0, 0);
  const bias = Float32Array.of(3, 0.001, 7);
  const { data, quantization } = quantizeWeights(weights, bias, 0.1, 0, (i) => Math.floor(i / 2));
  expect([...data]).toEqual([64, -127, 127, 64, 0, 0]);
  expect(quantization.scales.slice(0, 2)).toEqual([2 / 127, 0.5 / 127].map(Math.fround));
  const summed = quantizeBias(bias, 0.1, quantization);
  const back = Array.from(summed.data, (value, channel) => value * summed.quantization.scales[channel]!);
  back.forEach((value, channel) => {
    expect(Math.abs(value - bias[channel]!)).toBeLessThanOrEqual(0.51 * summed.quantization.scales[channel]!);
  });
  expect(
    quantizeWeights(new Float32Array(2), new Float32Array(1), 1, 0, () => 0).quantization.scales,
  ).toEqual([1]);
});
