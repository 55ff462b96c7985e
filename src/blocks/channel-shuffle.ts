import type { GraphBuilder, NodeId } from '../graph/graph.ts';

/**
 * Deals the channels of each group out to all groups, so that the next group convolution sees every group
 * (ShuffleNet, arXiv:1707.01083, section 3.1). One group has nothing to shuffle.
 */
export function channelShuffle(builder: GraphBuilder, input: NodeId, groups: number): NodeId {
  return groups === 1 ? input : builder.add({ kind: 'channel-shuffle', groups }, [input]);
}
