import { type Extent, type Padding, windowAlongAxis } from '../../graph/op.ts';
import type { Pointer, Runtime } from './runtime.ts';
import type { Tensor } from './tensor.ts';

const WINDOW_FIELDS = 11;

/** Writes kernels/window.h's `struct window` for a convolution or a pool. */
export function writeWindow(
  runtime: Runtime,
  batch: number,
  op: { readonly kernel: Extent; readonly stride: Extent; readonly padding: Padding },
  input: Tensor,
  output: Tensor,
): Pointer {
  const top = windowAlongAxis(input.height, op.kernel[0], op.stride[0], op.padding).padBefore;
  const left = windowAlongAxis(input.width, op.kernel[1], op.stride[1], op.padding).padBefore;
  const pointer = runtime.allocate(WINDOW_FIELDS);
  runtime
    .integers(pointer, WINDOW_FIELDS)
    .set([
      batch,
      ...[input.height, input.width],
      ...[output.height, output.width],
      ...op.kernel,
      ...op.stride,
      ...[top, left],
    ]);
  return pointer;
}
