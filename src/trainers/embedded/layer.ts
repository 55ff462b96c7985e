import type { GraphNode, NodeId } from '../../graph/graph.ts';
import type { Op } from '../../graph/op.ts';
import type { GradientPlan } from './gradient-plan.ts';
import type { Parameter, ParameterRole } from './parameters.ts';
import type { Pointer, Runtime } from './runtime.ts';
import type { Tensor } from './tensor.ts';

export interface Pass {
  /** Batch-norm goes by the batch in training, by its running statistics otherwise. */
  readonly training: boolean;
  /** The weight of this batch in the running statistics. */
  readonly statisticsMomentum: number;
}

/** One op, or a few fused, with all addresses settled: running it is a few kernel calls. */
export interface Layer {
  forward(pass: Pass): void;
  /**
   * Settles the addresses of the gradients and returns the step that, from the gradient of the layer's output
   * and what the last forward pass in training left, computes those of its inputs and parameters.
   */
  planBackward(gradients: GradientPlan): () => void;
}

/** Memory for the inside of a kernel call, as much as the neediest layer asks for; one for all layers. */
interface Scratch {
  reserve(floats: number): void;
  /** Known once all layers are planned. */
  readonly pointer: Pointer;
}

/** What a layer is planned from. */
export interface LayerContext {
  readonly runtime: Runtime;
  readonly batch: number;
  readonly scratch: Scratch;
  tensor(node: NodeId): Tensor;
  parameter(node: NodeId, role: ParameterRole): Parameter;
}

/** A node whose op is of one kind. */
export type NodeOf<Kind extends Op['kind']> = Omit<GraphNode, 'op'> & {
  readonly op: Extract<Op, { kind: Kind }>;
};

/** Of a layer that is planned backward only where its output has a gradient. */
export function gradientOf(gradients: GradientPlan, node: NodeId): Pointer {
  const pointer = gradients.of(node);
  if (pointer === undefined) throw new RangeError(`node ${node} is planned backward without a gradient`);
  return pointer;
}

/** The input of a given position; shape inference has checked that it is there. */
export function inputOf({ inputs }: { readonly inputs: readonly NodeId[] }, position = 0): NodeId {
  const input = inputs[position];
  if (input === undefined) throw new RangeError(`a node has no input ${position}`);
  return input;
}
