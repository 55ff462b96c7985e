import { type Architecture, type BuildOptions, buildGraph, stridesOf } from './network.ts';

/** Rows and columns that a network should have left before it pools them into one; at 224 pixels most have 7. */
const FEWEST_ROWS = 4;

/** How many strides of 2 a network has. */
export function strideCount({ stages }: Pick<Architecture, 'stages'>): number {
  return stages.reduce((sum, stage) => sum + stridesOf(stage), 0);
}

/**
 * How many strides of 2, the earliest, to leave out so that images of this resolution do not shrink to less than 4×4
 * pixels before the last pool: none at 224, 1 at 64, 2 at 32, as is usual for CIFAR. A network without such a pool
 * keeps them all.
 */
export function stridesToDrop(
  architecture: Architecture,
  { resolution = architecture.resolution }: Pick<BuildOptions, 'resolution'>,
): number {
  // At the network's own resolution: where one pixel is left there is nothing to pool.
  const { nodes } = buildGraph(architecture);
  const pool = nodes.findLast(({ op }) => op.kind === 'global-average-pool');
  const rows = nodes[pool?.inputs[0] ?? -1]?.shape[0];
  if (rows === undefined) return 0;
  const most = strideCount(architecture);
  let drop = 0;
  while (drop < most && Math.ceil((resolution * rows * 2 ** drop) / architecture.resolution) < FEWEST_ROWS) {
    drop++;
  }
  return drop;
}
