/** What a number in a parameter is for. */
export type ParameterRole = 'weights' | 'bias' | 'gamma' | 'beta' | 'mean' | 'variance' | 'slope';

/**
 * Where the writer takes its numbers from: random ones to measure, trained ones to export.
 *
 * Shapes: weights of a convolution [output channels, kernel height, kernel width, input channels / groups], of a
 * linear layer [output channels, input channels]; everything else [channels].
 */
export interface ParameterSource {
  /** Added to the variance before the square root of a batch-norm. */
  readonly batchNormEpsilon: number;
  /** The parameter of the node of that name, flat, last axis fastest. The writer does not change it. */
  parameter(node: string, role: ParameterRole, shape: readonly number[]): Float32Array;
}
