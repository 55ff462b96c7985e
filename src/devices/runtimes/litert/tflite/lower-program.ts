import { NasError } from '../../../../base/errors.ts';
import { fuse } from '../../../../graph/fusion.ts';
import type { GraphNode, NodeId } from '../../../../graph/graph.ts';
import type { Program } from '../../../program.ts';
import { fusedActivation, lowerOp } from './lowering/index.ts';
import { batched, type LoweringContext, type Operand } from './lowering/step.ts';
import type { TensorId } from './model.ts';

/** Declares the tensors that a program reads from outside, in the order of its input nodes. */
export function declareInputs(program: Program, { builder }: LoweringContext): readonly TensorId[] {
  return program.nodes.flatMap(({ op, name, shape }) =>
    op.kind === 'input' ? [builder.tensor(name, batched(shape))] : [],
  );
}

/**
 * Writes a program as operators of the format and returns the tensors of its outputs. Goes kernel by kernel as
 * `fuse` cuts them: batch-norms go into the weights before them, relu and relu6 into the operators before them.
 */
export function lowerProgram(
  program: Program,
  inputs: readonly TensorId[],
  context: LoweringContext,
): readonly TensorId[] {
  const operands = new Map<NodeId, Operand>();
  const waiting = [...inputs];
  program.nodes.forEach(({ op, shape }, id) => {
    const tensor = op.kind === 'input' ? waiting.shift() : undefined;
    if (tensor !== undefined) operands.set(id, { tensor, shape });
  });
  for (const { nodes } of fuse({ nodes: program.nodes, output: program.outputs[0] ?? 0 })) {
    const chain = nodes.flatMap((id) => program.nodes[id] ?? []);
    operands.set(nodes.at(-1) ?? 0, lowerChain(chain, operands, context));
  }
  return program.outputs.map((id) => operandAt(operands, id).tensor);
}

/** Writes the nodes of one kernel, each reading the one before it, and returns what the last one makes. */
function lowerChain(
  chain: readonly GraphNode[],
  operands: ReadonlyMap<NodeId, Operand>,
  context: LoweringContext,
): Operand {
  const [head] = chain;
  const folded = chain.slice(1).find(({ op }) => op.kind === 'batch-norm');
  const pending = chain.filter((node) => node !== folded);
  let inputs = (head?.inputs ?? []).map((id) => operandAt(operands, id));
  for (let node = pending.shift(); node !== undefined; node = pending.shift()) {
    const { op, name, shape } = node;
    const [first, ...others] = inputs;
    if (op.kind === 'input' || first === undefined) {
      throw new NasError(name, { found: `${op.kind} with ${inputs.length} inputs inside a kernel` });
    }
    const activation = fusedActivation(op, pending[0]?.op);
    const batchNorm = node === head && folded !== undefined ? { batchNorm: folded.name } : {};
    const tensor = lowerOp(
      { name, op, inputs: [first, ...others], shape, activation: activation ?? 'none', ...batchNorm },
      context,
    );
    if (activation !== undefined) pending.shift();
    inputs = [{ tensor, shape }];
  }
  const [result] = inputs;
  if (result === undefined) throw new RangeError('a kernel has nodes');
  return result;
}

function operandAt(operands: ReadonlyMap<NodeId, Operand>, id: NodeId): Operand {
  const operand = operands.get(id);
  if (operand === undefined) {
    throw new NasError(`node ${id}`, {
      found: 'inside a kernel, or read before it is computed',
      expected: 'the last node of a kernel, computed before',
    });
  }
  return operand;
}
