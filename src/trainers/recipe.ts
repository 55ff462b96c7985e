/** How a network is trained: the same for every trainer. Fields left out take the defaults named with them. */
export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  /** Learning rate at the end of the warm-up. */
  readonly peakLearningRate: number;
  /** The part of all steps over which the rate rises linearly. */
  readonly warmupFraction: number;
  /** After the warm-up, half a cosine to 0, or a staircase of `decayFactor`s. Default: cosine. */
  readonly schedule?: 'cosine' | 'exponential' | undefined;
  /** Epochs of one stair, which need not be whole. Default: 2.4, MnasNet's. */
  readonly decayEpochs?: number | undefined;
  /** What the rate is multiplied by from stair to stair. Default: 0.97, MnasNet's. */
  readonly decayFactor?: number | undefined;
  /** Default: sgd. */
  readonly optimizer?: 'sgd' | 'rmsprop' | undefined;
  /** Nesterov's of SGD; the plain one of RMSProp. */
  readonly momentum: number;
  /** RMSProp's: how much of the mean square of the gradients stays from step to step. Default: 0.9. */
  readonly squareDecay?: number | undefined;
  /** RMSProp's, inside the square root. Default: 1e-3. */
  readonly epsilon?: number | undefined;
  /** On weights of convolutions and linear layers only; not on biases and batch-norm. */
  readonly weightDecay: number;
  /** Validate exponential moving averages, of weights and of running statistics, with this decay. */
  readonly emaDecay?: number | undefined;
  readonly labelSmoothing: number;
  /** Largest norm of all gradients together; larger ones are scaled down to it. No limit where left out. */
  readonly gradientClip?: number | undefined;
  /** Mirror training images left to right with probability ½. */
  readonly flip: boolean;
  /** Training images are shifted by up to this many pixels in each direction. */
  readonly shiftPixels: number;
  /** A square of this side, its centre anywhere in the image, becomes the mean (arXiv:1708.04552). Default: none. */
  readonly cutoutPixels?: number | undefined;
}

/**
 * What RMSProp uses where a recipe is silent. As in TensorFlow, and with its start (squares begin at 1):
 *   g = gradient + weightDecay * w;  s = squareDecay * s + (1 - squareDecay) * g^2;
 *   m = momentum * m + rate * g / sqrt(s + epsilon);  w -= m
 */
export const RMSPROP_DEFAULTS = { squareDecay: 0.9, epsilon: 1e-3, initialSquare: 1 } as const;
