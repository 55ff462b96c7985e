import { NasError } from '../../base/errors.ts';
import { parseWith } from '../../base/parse.ts';
import { type BlockSpec, blockSchema, lowerBlock } from '../../blocks/index.ts';
import { fuse } from '../../graph/fusion.ts';
import { GraphBuilder, type NodeId } from '../../graph/graph.ts';
import type { Shape } from '../../graph/op.ts';

/** What a layer becomes. */
export interface LoweredLayer {
  /** Signatures in order of execution. */
  readonly kernels: readonly string[];
  readonly output: Shape;
}

/** Lowers a layer; what does not fit is an error at `where`. */
export function lowerLayer(where: string, build: (builder: GraphBuilder) => NodeId): LoweredLayer {
  const builder = new GraphBuilder();
  try {
    const output = build(builder);
    return {
      kernels: fuse(builder.build(output)).map(({ kernel }) => kernel.signature),
      output: builder.shapeOf(output),
    };
  } catch (error) {
    if (!(error instanceof NasError) || error.where === where) throw error;
    throw new NasError(where, {
      found: `${error.where}: ${error.found}`,
      ...(error.expected === undefined ? {} : { expected: error.expected }),
    });
  }
}

/** A block as space files write it. */
export type BlockSource = { readonly type: BlockSpec['type'] } & Readonly<Record<string, unknown>>;

/** A block of ours, fed with a tensor of a shape. `channels` are those of its output; `classes` those of a classifier. */
export function lowerBlockAlone(
  where: string,
  source: BlockSource,
  input: Shape,
  { channels, stride = 1 }: { readonly channels: number; readonly stride?: number },
): LoweredLayer {
  const spec = parseWith(blockSchema, source, where);
  return lowerLayer(where, (builder) =>
    lowerBlock(builder, builder.input(input), spec, {
      channels,
      stride,
      classes: channels,
      // A row says the channels there are; nothing is left to be rounded to a network's multiple.
      round: Math.round,
      scale: (unscaled) => unscaled,
    }),
  );
}
