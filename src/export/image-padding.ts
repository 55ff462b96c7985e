import { type Shape, type Window, windowAlongAxis } from '../graph/op.ts';

/** Pixels on each side of an image. */
export interface ImagePadding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** What a window adds around an image of some size. PyTorch's own padding is the same on opposite sides. */
export function imagePadding(
  { kernel, stride, dilation = [1, 1], padding }: Window,
  input: Shape,
): ImagePadding {
  const along = (axis: 0 | 1): readonly [before: number, after: number] => {
    if (padding === 'valid') return [0, 0];
    const { output, padBefore } = windowAlongAxis(
      input[axis],
      kernel[axis],
      stride[axis],
      padding,
      dilation[axis],
    );
    const span = (kernel[axis] - 1) * dilation[axis] + 1;
    const total = Math.max(0, (output - 1) * stride[axis] + span - input[axis]);
    return [padBefore, total - padBefore];
  };
  const [top, bottom] = along(0);
  const [left, right] = along(1);
  return { top, bottom, left, right };
}

export function isEven({ top, bottom, left, right }: ImagePadding): boolean {
  return top === bottom && left === right;
}
