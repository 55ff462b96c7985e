import { parseWith } from '../../src/base/parse.ts';
import type { Place } from '../../src/blocks/block.ts';
import { blockSchema, lowerBlock } from '../../src/blocks/index.ts';
import { type Graph, GraphBuilder, type NodeId } from '../../src/graph/graph.ts';
import type { Shape } from '../../src/graph/op.ts';

/** A block as space files write it. */
export type Source = { readonly type: string } & Readonly<Record<string, unknown>>;

export const place = (changes: Partial<Place> = {}): Place => ({
  channels: 24,
  stride: 1,
  classes: 10,
  round: (channels) => 8 * Math.ceil(channels / 8),
  scale: (channels) => channels,
  ...changes,
});

export function addBlock(builder: GraphBuilder, input: NodeId, source: Source, at: Place): NodeId {
  return lowerBlock(builder, input, parseWith(blockSchema, source, 'block'), at);
}

/** A block behind nothing but an input. */
export function graphOf(source: Source, at: Place = place(), shape: Shape = [14, 14, 16]): Graph {
  const builder = new GraphBuilder();
  return builder.build(addBlock(builder, builder.input(shape), source, at));
}
