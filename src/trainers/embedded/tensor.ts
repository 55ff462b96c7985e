import type { Shape } from '../../graph/op.ts';
import type { Pointer, Runtime } from './runtime.ts';

/**
 * A batch of feature maps in memory: float32 [batch, height, width, stride], channels last. `stride` is the
 * number of channels rounded up to the 4 lanes of a vector; the lanes of padding are always exactly 0, so that
 * no kernel treats them apart.
 */
export interface Tensor {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly stride: number;
  /** batch × height × width */
  readonly rows: number;
  /** rows × stride */
  readonly floats: number;
  readonly value: Pointer;
}

export const LANES = 4;

export function paddedChannels(channels: number): number {
  return Math.ceil(channels / LANES) * LANES;
}

export function allocateTensor(runtime: Runtime, batch: number, [height, width, channels]: Shape): Tensor {
  const stride = paddedChannels(channels);
  const rows = batch * height * width;
  const floats = rows * stride;
  return { height, width, channels, stride, rows, floats, value: runtime.allocate(floats) };
}
