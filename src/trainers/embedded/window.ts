import { type Window, windowAlongAxis } from '../../graph/op.ts';
import type { Pointer, Runtime } from './runtime.ts';
import type { Tensor } from './tensor.ts';

const WINDOW_FIELDS = 13;

/** Writes kernels/window.h's `struct window` for a convolution or a pool. */
export function writeWindow(
  runtime: Runtime,
  batch: number,
  { kernel, stride, dilation = [1, 1], padding }: Window,
  input: Tensor,
  output: Tensor,
): Pointer {
  const top = windowAlongAxis(input.height, kernel[0], stride[0], padding, dilation[0]).padBefore;
  const left = windowAlongAxis(input.width, kernel[1], stride[1], padding, dilation[1]).padBefore;
  const pointer = runtime.allocate(WINDOW_FIELDS);
  runtime
    .integers(pointer, WINDOW_FIELDS)
    .set([
      batch,
      ...[input.height, input.width],
      ...[output.height, output.width],
      ...kernel,
      ...stride,
      ...dilation,
      ...[top, left],
    ]);
  return pointer;
}
