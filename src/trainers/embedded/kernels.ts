import type { Pointer } from './runtime.ts';

/** The exports of kernels/*.c, under their names there. Sizes are in floats; flags are 0 or 1. */
export interface Kernels {
  convolution_scratch_floats(window: Pointer, inputs: number, outputs: number): number;
  convolution_forward(
    window: Pointer,
    input: Pointer,
    inputStride: number,
    inputs: number,
    weights: Pointer,
    output: Pointer,
    outputStride: number,
    outputs: number,
    scratch: Pointer,
  ): void;
  convolution_backward_input(
    window: Pointer,
    outputGradient: Pointer,
    outputStride: number,
    outputs: number,
    weights: Pointer,
    inputGradient: Pointer,
    inputStride: number,
    inputs: number,
    scratch: Pointer,
    accumulate: number,
  ): void;
  convolution_backward_weights(
    window: Pointer,
    input: Pointer,
    inputStride: number,
    inputs: number,
    outputGradient: Pointer,
    outputStride: number,
    outputs: number,
    weightGradient: Pointer,
    scratch: Pointer,
  ): void;

  depthwise_scratch_floats(window: Pointer, channels: number): number;
  depthwise_forward(
    window: Pointer,
    input: Pointer,
    weights: Pointer,
    output: Pointer,
    channels: number,
    scratch: Pointer,
  ): void;
  depthwise_backward(
    window: Pointer,
    input: Pointer,
    weights: Pointer,
    outputGradient: Pointer,
    inputGradient: Pointer,
    weightGradient: Pointer,
    channels: number,
    scratch: Pointer,
    accumulate: number,
  ): void;

  /** a·a + b. */
  square_and_add(a: number, b: number): number;

  batch_norm_forward(norm: Pointer, x: Pointer, y: Pointer, training: number, momentum: number): void;
  batch_norm_backward(norm: Pointer, x: Pointer, dy: Pointer, dx: Pointer): void;

  activation_forward(code: number, floats: number, input: Pointer, output: Pointer): void;
  activation_backward(
    code: number,
    floats: number,
    input: Pointer,
    outputGradient: Pointer,
    inputGradient: Pointer,
  ): void;
  prelu_forward(rows: number, channels: number, input: Pointer, slope: Pointer, output: Pointer): void;
  prelu_backward(
    rows: number,
    channels: number,
    input: Pointer,
    slope: Pointer,
    outputGradient: Pointer,
    inputGradient: Pointer,
    slopeGradient: Pointer,
  ): void;

  add(floats: number, a: Pointer, b: Pointer, sum: Pointer): void;
  multiply(floats: number, a: Pointer, b: Pointer, product: Pointer): void;
  add_bias(rows: number, channels: number, x: Pointer, bias: Pointer): void;
  sum_rows(rows: number, channels: number, x: Pointer, sums: Pointer): void;
  gate_forward(batch: number, pixels: number, channels: number, x: Pointer, gate: Pointer, y: Pointer): void;
  gate_backward(
    batch: number,
    pixels: number,
    channels: number,
    x: Pointer,
    gate: Pointer,
    dy: Pointer,
    dx: Pointer,
    dgate: Pointer,
  ): void;

  copy_channels(
    rows: number,
    count: number,
    from: Pointer,
    fromStride: number,
    to: Pointer,
    toStride: number,
    accumulate: number,
  ): void;
  permute_channels(
    rows: number,
    channels: number,
    stride: number,
    from: Pointer,
    sources: Pointer,
    to: Pointer,
  ): void;
  clear_channels(rows: number, first: number, stride: number, to: Pointer): void;

  max_pool_forward(
    window: Pointer,
    channels: number,
    input: Pointer,
    output: Pointer,
    winners: Pointer,
  ): void;
  max_pool_backward(floats: number, outputGradient: Pointer, winners: Pointer, inputGradient: Pointer): void;
  average_pool_forward(window: Pointer, channels: number, input: Pointer, output: Pointer): void;
  average_pool_backward(
    window: Pointer,
    channels: number,
    outputGradient: Pointer,
    inputGradient: Pointer,
  ): void;
  global_average_pool_forward(batch: number, pixels: number, channels: number, x: Pointer, y: Pointer): void;
  global_average_pool_backward(
    batch: number,
    pixels: number,
    channels: number,
    dy: Pointer,
    dx: Pointer,
    accumulate: number,
  ): void;

  nesterov_update(
    floats: number,
    weights: Pointer,
    gradients: Pointer,
    velocities: Pointer,
    rate: number,
    momentum: number,
    decay: number,
  ): void;
  rmsprop_update(
    floats: number,
    weights: Pointer,
    gradients: Pointer,
    velocities: Pointer,
    squares: Pointer,
    rate: number,
    momentum: number,
    decay: number,
    squareDecay: number,
    epsilon: number,
  ): void;
  moving_average(floats: number, averages: Pointer, values: Pointer, share: number): void;
  swap(floats: number, a: Pointer, b: Pointer): void;

  normalise_image(
    image: Pointer,
    height: number,
    width: number,
    channels: number,
    flip: number,
    down: number,
    right: number,
    mean: Pointer,
    inverseDeviation: Pointer,
    output: Pointer,
    stride: number,
  ): void;
}
