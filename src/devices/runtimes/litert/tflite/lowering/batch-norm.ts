import type { ParameterSource } from '../parameters.ts';
import { FUSED_ACTIVATION } from '../schema.ts';
import { batched, type Lowering } from './step.ts';

/** A batch-norm at inference: y = scale · x + shift, channel by channel. */
export interface Affine {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** scale = γ / √(variance + ε), shift = β − mean · scale (Ioffe and Szegedy 2015, algorithm 2). */
export function batchNormAffine(parameters: ParameterSource, node: string, channels: number): Affine {
  const gamma = parameters.parameter(node, 'gamma', [channels]);
  const beta = parameters.parameter(node, 'beta', [channels]);
  const mean = parameters.parameter(node, 'mean', [channels]);
  const variance = parameters.parameter(node, 'variance', [channels]);
  const scale = gamma.map((value, c) => value / Math.sqrt((variance[c] ?? 0) + parameters.batchNormEpsilon));
  const shift = beta.map((value, c) => value - (mean[c] ?? 0) * (scale[c] ?? 0));
  return { scale, shift };
}

/** A batch-norm that no convolution can take along, such as one after an addition: MUL, ADD. */
export const lowerBatchNorm: Lowering<'batch-norm'> = (step, { builder, parameters }) => {
  const [{ tensor }] = step.inputs;
  const channels = step.shape[2];
  const { scale, shift } = batchNormAffine(parameters, step.name, channels);
  const scaled = builder.operator(
    'MUL',
    [tensor, builder.constant(`${step.name}/scale`, [channels], scale)],
    { name: `${step.name}/scaled`, shape: batched(step.shape) },
    { table: 'MulOptions', values: { activation: FUSED_ACTIVATION.none } },
  );
  return builder.operator(
    'ADD',
    [scaled, builder.constant(`${step.name}/shift`, [channels], shift)],
    { name: step.name, shape: batched(step.shape) },
    { table: 'AddOptions', values: { activation: FUSED_ACTIVATION[step.activation] } },
  );
};
