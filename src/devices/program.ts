import type { Kernel } from '../graph/fusion.ts';
import type { Graph, GraphNode, NodeId } from '../graph/graph.ts';
import type { Op, Shape } from '../graph/op.ts';
import { inferShape } from '../graph/shape.ts';

/** What a runner runs: nodes as in a `Graph`, with any number of inputs and outputs. */
export interface Program {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly NodeId[];
}

/** A node as it is sent to a runner, which infers the shapes itself. */
export interface ProgramNode {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly NodeId[];
}

/** A network is a program of one input and one output. */
export function programOfGraph(graph: Graph): Program {
  return { nodes: graph.nodes, outputs: [graph.output] };
}

/** A kernel is a chain of ops on one or more inputs. */
export function programOfKernel(kernel: Kernel): Program {
  const inputs = kernel.inputs.map((shape, i): ProgramNode => {
    return { name: `input${i}`, op: { kind: 'input', shape }, inputs: [] };
  });
  const chain = kernel.ops.map((op, i): ProgramNode => {
    const reads = i === 0 ? inputs.map((_, id) => id) : [inputs.length + i - 1];
    return { name: `${i}.${op.kind}`, op, inputs: reads };
  });
  const nodes = [...inputs, ...chain];
  return { nodes: withShapes(nodes), outputs: [nodes.length - 1] };
}

/** Adds the shapes that follow from the inputs; throws a NasError where ops do not fit together. */
export function withShapes(nodes: readonly ProgramNode[]): readonly GraphNode[] {
  const shapes: Shape[] = [];
  return nodes.map((node) => {
    const inputs = node.inputs.map((id) => shapes[id] ?? ([0, 0, 0] as const));
    const shape = inferShape(node.op, inputs, node.name);
    shapes.push(shape);
    return { ...node, shape };
  });
}
