import type { Op } from '../../../../../graph/op.ts';
import type { TensorId } from '../model.ts';
import { FUSED_ACTIVATION, type FusedActivation } from '../schema.ts';
import { lowerActivation } from './activation.ts';
import { lowerBatchNorm } from './batch-norm.ts';
import { lowerChannelShuffle, lowerChannelSplit, lowerConcat } from './channels.ts';
import { lowerConvolution } from './convolution.ts';
import { lowerAdd, lowerMultiply } from './elementwise.ts';
import { lowerLinear } from './linear.ts';
import { lowerGlobalAveragePool, lowerPool } from './pooling.ts';
import type { Lowering, LoweringContext, LoweringStep } from './step.ts';

type LoweredKind = Exclude<Op['kind'], 'input'>;

/** How each op of the closed set is written. */
const LOWERINGS: { readonly [K in LoweredKind]: Lowering<K> } = {
  convolution: lowerConvolution,
  linear: lowerLinear,
  'batch-norm': lowerBatchNorm,
  activation: lowerActivation,
  add: lowerAdd,
  multiply: lowerMultiply,
  concat: lowerConcat,
  'channel-split': lowerChannelSplit,
  'channel-shuffle': lowerChannelShuffle,
  pool: lowerPool,
  'global-average-pool': lowerGlobalAveragePool,
};

/** Writes one op and returns the tensor of its result. */
export function lowerOp(
  step: LoweringStep<Exclude<Op, { readonly kind: 'input' }>>,
  context: LoweringContext,
): TensorId {
  // The table's type ties each kind to its lowering; indexing by a union forgets that tie.
  const lower = LOWERINGS[step.op.kind] as (step: LoweringStep, context: LoweringContext) => TensorId;
  return lower(step, context);
}

const OPS_WITH_FUSED_ACTIVATION: readonly Op['kind'][] = ['convolution', 'linear', 'add', 'multiply', 'pool'];

/** The activation that the operator of `op` applies itself when `next` follows it; undefined if it cannot. */
export function fusedActivation(op: Op, next: Op | undefined): FusedActivation | undefined {
  if (next?.kind !== 'activation' || !OPS_WITH_FUSED_ACTIVATION.includes(op.kind)) return undefined;
  return next.function in FUSED_ACTIVATION ? (next.function as FusedActivation) : undefined;
}
