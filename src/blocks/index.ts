import { z } from 'zod';
import type { GraphBuilder, NodeId } from '../graph/graph.ts';
import type { Place } from './block.ts';
import { classifier } from './classifier/classifier.ts';
import { convolution } from './convolution/convolution.ts';
import { convolutionClassifier } from './convolution-classifier/convolution-classifier.ts';
import { depthwiseSeparable } from './depthwise-separable/depthwise-separable.ts';
import { eesp } from './eesp/eesp.ts';
import { fire } from './fire/fire.ts';
import { fullyConnected } from './fully-connected/fully-connected.ts';
import { ghostBottleneck } from './ghost-bottleneck/ghost-bottleneck.ts';
import { ghostModule } from './ghost-module/ghost-module.ts';
import { identity } from './identity/identity.ts';
import { invertedResidual } from './inverted-residual/inverted-residual.ts';
import { pool } from './pool/pool.ts';
import { shuffleNetV1 } from './shufflenet-v1/shufflenet-v1.ts';
import { shuffleNetV2 } from './shufflenet-v2/shufflenet-v2.ts';
import { squeezeNext } from './squeezenext/squeezenext.ts';

/** Every block family that a space file can name. */
export const BLOCKS = [
  convolution,
  depthwiseSeparable,
  invertedResidual,
  ghostModule,
  ghostBottleneck,
  shuffleNetV1,
  shuffleNetV2,
  eesp,
  fire,
  squeezeNext,
  pool,
  identity,
  fullyConnected,
  classifier,
  convolutionClassifier,
] as const;

const [first, ...rest] = BLOCKS;

/** Any block, told apart by its `type`. */
export const blockSchema = z.discriminatedUnion('type', [first.schema, ...rest.map((block) => block.schema)]);

export type BlockSpec = z.output<(typeof BLOCKS)[number]['schema']>;

/** Adds a block's ops to a graph and returns the node of its output. */
export function lowerBlock(builder: GraphBuilder, input: NodeId, spec: BlockSpec, place: Place): NodeId {
  const block = BLOCKS.find(({ type }) => type === spec.type);
  if (block === undefined) throw new RangeError(`no block family '${spec.type}'`);
  // The schema of the same family produced `spec`; TypeScript cannot follow that through the lookup.
  return block.lower(builder, input, spec as never, place);
}
