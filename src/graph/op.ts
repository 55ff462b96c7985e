/**
 * The closed set of operations. Every block lowers to these; cost model, latency, trainers, runtimes and
 * exporters know nothing else. A tensor is one image [height, width, channels]; the batch is not written.
 */
export type Op =
  | { readonly kind: 'input'; readonly shape: Shape }
  | {
      readonly kind: 'convolution';
      readonly channels: number;
      readonly kernel: Extent;
      readonly stride: Extent;
      /** Pixels from one tap of the kernel to the next: 1 for neighbours. */
      readonly dilation: Extent;
      /** Input and output channels are cut into this many independent groups; input channels = depthwise. */
      readonly groups: number;
      readonly padding: Padding;
      readonly bias: boolean;
    }
  /** A fully connected layer over the channels of a [1, 1, channels] tensor. */
  | { readonly kind: 'linear'; readonly channels: number; readonly bias: boolean }
  | { readonly kind: 'batch-norm' }
  | { readonly kind: 'activation'; readonly function: ActivationFunction }
  /** Sum of two tensors of one shape. */
  | { readonly kind: 'add' }
  /** Product of a tensor and a second one of the same shape or of shape [1, 1, channels]. */
  | { readonly kind: 'multiply' }
  /** Along the channels. */
  | { readonly kind: 'concat' }
  /** The `channels` channels from `offset` on. A split in two is two of these. */
  | { readonly kind: 'channel-split'; readonly offset: number; readonly channels: number }
  /** Channel g·n + i moves to i·groups + g, where n = channels / groups (ShuffleNet, section 3.1). */
  | { readonly kind: 'channel-shuffle'; readonly groups: number }
  | {
      readonly kind: 'pool';
      readonly function: 'max' | 'average';
      readonly kernel: Extent;
      readonly stride: Extent;
      readonly padding: Padding;
    }
  /** Mean over height and width: [height, width, channels] to [1, 1, channels]. */
  | { readonly kind: 'global-average-pool' };

/** [height, width, channels] */
export type Shape = readonly [number, number, number];

/** [height, width] of a window, of its steps or between its taps. */
export type Extent = readonly [number, number];

/**
 * `same`: output = ceil(input / stride), the padding shared out evenly with the odd pixel at the bottom and
 * the right (TensorFlow's rule). `valid`: no padding. Average pools do not count padded pixels.
 */
export type Padding = 'same' | 'valid';

export const ACTIVATION_FUNCTIONS = [
  'relu',
  'relu6',
  'hswish',
  'hsigmoid',
  'sigmoid',
  'swish',
  'prelu',
] as const;
export type ActivationFunction = (typeof ACTIVATION_FUNCTIONS)[number];

/** What convolutions and pools have in common; a pool is not dilated. */
export interface Window {
  readonly kernel: Extent;
  readonly stride: Extent;
  readonly dilation?: Extent;
  readonly padding: Padding;
}

/**
 * Pixels of padding before the first row or column, and the number of outputs, along one axis. A dilated kernel
 * spans (kernel − 1) · dilation + 1 pixels (arXiv:1511.07122, section 2).
 */
export function windowAlongAxis(
  input: number,
  kernel: number,
  stride: number,
  padding: Padding,
  dilation = 1,
): { readonly output: number; readonly padBefore: number } {
  const span = (kernel - 1) * dilation + 1;
  if (padding === 'valid') return { output: Math.floor((input - span) / stride) + 1, padBefore: 0 };
  const output = Math.ceil(input / stride);
  return { output, padBefore: Math.max(0, (output - 1) * stride + span - input) >> 1 };
}
