import type { z } from 'zod';
import type { GraphBuilder, NodeId } from '../graph/graph.ts';
import type { WidthRule } from './fields.ts';

/** Where a block stands: what its stage and its network decide for it. */
export interface Place {
  /** Channels it puts out, the width multiplier applied. */
  readonly channels: number;
  /** Of its spatial reduction; 1 for every layer of a stage but the first. */
  readonly stride: number;
  readonly classes: number;
  /** Rounds a number of channels as the network does. */
  readonly round: (channels: number) => number;
  /** Applies the network's width multiplier, then rounds, unless the rule says otherwise. */
  readonly scale: (channels: number, rule?: WidthRule) => number;
}

/**
 * A family of building blocks. `lower` is a pure function to ops: cost, latency, training and export follow
 * from those, so a new family is this one object and a line in the index.
 */
export interface Block<Type extends string, Schema extends z.ZodType<{ type: Type }>> {
  readonly type: Type;
  /** The block as space files write it. */
  readonly schema: Schema;
  lower(builder: GraphBuilder, input: NodeId, block: z.output<Schema>, place: Place): NodeId;
}

/** Gives a block object its types; nothing else. */
export function defineBlock<Type extends string, Schema extends z.ZodType<{ type: Type }>>(
  block: Block<Type, Schema>,
): Block<Type, Schema> {
  return block;
}
