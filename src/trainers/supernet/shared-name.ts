import type { GraphNode } from '../../graph/graph.ts';
import { isDepthwise, type ParameterRole } from '../embedded/parameters.ts';

/** Where in a network a block stands, and of which family it is. */
export interface BlockPlace {
  readonly stage: number;
  readonly layer: number;
  readonly type: string;
}

/**
 * The name under which networks share a parameter: `stages.3.1.inverted-residual.expand.convolution.weight`. It tells
 * position (stage, layer, op within the block) and block family, and neither width nor kernel, which are slices of
 * the shared one. A convolution in groups has a name of its own for each number of groups: `…convolution of 4`, for its
 * filters read other channels than those of another number; a depthwise one, `…convolution of all`, is sliced by width.
 */
export function sharedName(
  { stage, layer, type }: BlockPlace,
  /** Of the node, within its layer. */
  path: string,
  role: ParameterRole,
  { op }: GraphNode,
  inputChannels: number,
): string {
  const groups = op.kind !== 'convolution' || op.groups === 1 ? '' : ` of ${groupsOf(op, inputChannels)}`;
  return `stages.${stage}.${layer}.${type}.${path}${groups}.${role}`;
}

function groupsOf(op: Extract<GraphNode['op'], { kind: 'convolution' }>, inputChannels: number): string {
  return isDepthwise(op, inputChannels) ? 'all' : String(op.groups);
}
