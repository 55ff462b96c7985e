import { printOp } from '../graph/fusion.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import { complete } from './complete.ts';
import type { Choices, Genotype } from './genotype.ts';
import { type BuildOptions, stridesOf } from './network.ts';
import { createPartBuilder, type StagePart } from './parts.ts';
import type { SearchSpace } from './search-space.ts';

/**
 * The first genotype of a space whose network is op for op the given one, or `undefined` where the space has no such
 * network: the inverse of decoding and building, up to names. `options` are those the graph was built with.
 *
 * Stage after stage, each way to choose a stage is compared with the ops that come next; a way that fits nowhere
 * further on is given up.
 */
export function encode(space: SearchSpace, graph: Graph, options: BuildOptions = {}): Genotype | undefined {
  const builder = createPartBuilder(space, options);

  const fit = (
    made: Choices,
    index: number,
    fed: NodeId,
    next: number,
    strides: number,
  ): Choices | undefined => {
    const frame = space.stages[index];
    const shape = graph.nodes[fed]?.shape;
    if (frame === undefined || shape === undefined) {
      return fed === graph.output && next === graph.nodes.length ? made : undefined;
    }
    for (const choices of frame.variants(made)) {
      const stage = frame.decode(choices);
      const part = builder.part(space.head.decode(choices), stage, shape, strides);
      if (!continues(graph, part, fed, next)) continue;
      const layers = part.graph.nodes.length - 1;
      const output = layers === 0 ? fed : next + part.graph.output - 1;
      const found = fit(choices, index + 1, output, next + layers, strides + stridesOf(stage));
      if (found !== undefined) return found;
    }
    return undefined;
  };

  for (const outside of space.head.variants([])) {
    const found = fit(outside, 0, 0, 1, 0);
    if (found !== undefined) return complete(space.decisions, found);
  }
  return undefined;
}

/** Whether the ops of a part are those of the graph from node `next` on, reading node `fed` for the part's input. */
function continues(graph: Graph, part: StagePart, fed: NodeId, next: number): boolean {
  const placed = (node: NodeId): NodeId => (node === 0 ? fed : next + node - 1);
  return part.graph.nodes.slice(1).every(({ op, inputs }, index) => {
    const other = graph.nodes[next + index];
    return (
      other !== undefined &&
      printOp(op) === printOp(other.op) &&
      inputs.length === other.inputs.length &&
      inputs.every((input, i) => placed(input) === other.inputs[i])
    );
  });
}
