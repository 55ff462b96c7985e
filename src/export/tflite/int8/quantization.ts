import type { TfliteQuantization } from '../../../devices/runtimes/litert/tflite/model.ts';

/** The least and the greatest number that a tensor has held. */
export interface Range {
  readonly least: number;
  readonly greatest: number;
}

/** A tensor as integers, and what they stand for. */
export interface QuantizedTensor {
  readonly data: Int8Array;
  readonly quantization: TfliteQuantization;
}

/** Biases are sums of products: far enough from 2^31 for the sum to go on. */
const GREATEST_BIAS = 2 ** 30;

/**
 * Asymmetric, one scale a tensor: −128 to 127 are spread evenly over the range and 0, so that 0, which pads images, is
 * one of them exactly. A tensor of zeros has a scale of 1.
 */
export function activationQuantization({ least, greatest }: Range): TfliteQuantization {
  const low = Math.min(0, least);
  const high = Math.max(0, greatest);
  const scale = high > low ? Math.fround((high - low) / 255) : 1;
  const zeroPoint = Math.max(-128, Math.min(127, Math.round(-128 - low / scale)));
  return { scales: [scale], zeroPoints: [zeroPoint], axis: 0 };
}

/** Numbers by a quantization of one scale. */
export function quantize(values: Float32Array, { scales, zeroPoints }: TfliteQuantization): Int8Array {
  const [scale = 1] = scales;
  const [zeroPoint = 0] = zeroPoints;
  return Int8Array.from(values, (value) =>
    Math.max(-128, Math.min(127, Math.round(value / scale) + zeroPoint)),
  );
}

/**
 * Symmetric, −127 to 127, with a scale for each output channel: weights of one channel share the greatest of them.
 * `channelOf` tells the channel of a weight by its place. A scale is large enough for the channel's bias to fit in 32
 * bits, and never 0.
 */
export function quantizeWeights(
  values: Float32Array,
  bias: Float32Array,
  inputScale: number,
  axis: number,
  channelOf: (place: number) => number,
): QuantizedTensor {
  const greatest = new Float64Array(bias.length);
  values.forEach((value, place) => {
    const channel = channelOf(place);
    greatest[channel] = Math.max(greatest[channel] ?? 0, Math.abs(value));
  });
  const scales = Array.from(greatest, (most, channel) => {
    const least = Math.abs(bias[channel] ?? 0) / (inputScale * GREATEST_BIAS);
    return Math.fround(Math.max(most / 127, least)) || 1;
  });
  const data = Int8Array.from(values, (value, place) => {
    const scale = scales[channelOf(place)] ?? 1;
    return Math.max(-127, Math.min(127, Math.round(value / scale)));
  });
  return { data, quantization: { scales, zeroPoints: scales.map(() => 0), axis } };
}

/** Biases in 32 bits, in the scale that the products of inputs and weights have. */
export function quantizeBias(
  bias: Float32Array,
  inputScale: number,
  weights: TfliteQuantization,
): { readonly data: Int32Array; readonly quantization: TfliteQuantization } {
  const scales = weights.scales.map((scale) => Math.fround(scale * inputScale));
  const data = Int32Array.from(bias, (value, channel) =>
    Math.round(value / (scales[scales.length === 1 ? 0 : channel] ?? 1)),
  );
  return { data, quantization: { scales, zeroPoints: scales.map(() => 0), axis: 0 } };
}
