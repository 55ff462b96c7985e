import type { Op, Shape } from '../../../../../graph/op.ts';
import type { TensorId, TfliteModelBuilder } from '../model.ts';
import type { ParameterSource } from '../parameters.ts';
import type { FusedActivation } from '../schema.ts';

/** A tensor and its shape in the graph, which has no batch. */
export interface Operand {
  readonly tensor: TensorId;
  readonly shape: Shape;
}

/** One op to write, with what the kernel around it lets it take along. */
export interface LoweringStep<O extends Op = Op> {
  /** Name of the graph node: names the parameters and the tensors. */
  readonly name: string;
  readonly op: O;
  readonly inputs: readonly [Operand, ...Operand[]];
  readonly shape: Shape;
  /** Applied by the operator itself; `none` unless the op is one that can. */
  readonly activation: FusedActivation;
  /** Name of the batch-norm to fold into the weights; only for convolutions and linear layers. */
  readonly batchNorm?: string;
}

export interface LoweringContext {
  readonly builder: TfliteModelBuilder;
  readonly parameters: ParameterSource;
}

/** Writes one op as the operators of the format and returns the tensor of its result. */
export type Lowering<K extends Op['kind']> = (
  step: LoweringStep<Extract<Op, { readonly kind: K }>>,
  context: LoweringContext,
) => TensorId;

/** A shape of the graph with the batch of one that the format wants. */
export function batched(shape: readonly number[]): readonly number[] {
  return [1, ...shape];
}
