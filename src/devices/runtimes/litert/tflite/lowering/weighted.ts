import { batchNormAffine } from './batch-norm.ts';
import type { LoweringContext, LoweringStep } from './step.ts';

/** Weights with the output channel first, and one bias an output channel. */
export interface FoldedParameters {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Weights and bias of a convolution or linear layer with the batch-norm after it folded in:
 * weights' = scale · weights, bias' = scale · bias + shift, output channel by output channel.
 * There is always a bias, of zeros if need be: the format has it optional, not every reader of it does.
 */
export function foldedParameters(
  step: LoweringStep,
  { parameters }: LoweringContext,
  shape: readonly [number, ...number[]],
  hasBias: boolean,
): FoldedParameters {
  const [channels] = shape;
  const weights = parameters.parameter(step.name, 'weights', shape);
  const bias = hasBias ? parameters.parameter(step.name, 'bias', [channels]) : new Float32Array(channels);
  if (step.batchNorm === undefined) return { weights, bias };
  const { scale, shift } = batchNormAffine(parameters, step.batchNorm, channels);
  const perChannel = weights.length / channels;
  const foldedWeights = new Float32Array(weights.length);
  for (let c = 0; c < channels; c++) {
    for (let i = c * perChannel; i < (c + 1) * perChannel; i++) {
      foldedWeights[i] = (weights[i] ?? 0) * (scale[c] ?? 1);
    }
  }
  return {
    weights: foldedWeights,
    bias: bias.map((value, c) => value * (scale[c] ?? 1) + (shift[c] ?? 0)),
  };
}
