import { formatCount, formatPercent } from '../base/units.ts';
import { nodeCost } from '../graph/cost.ts';
import { printOp } from '../graph/fusion.ts';
import type { Graph } from '../graph/graph.ts';
import { printShape } from '../graph/shape.ts';
import { textTable } from './text-table.ts';

export interface CostLayer {
  readonly name: string;
  readonly op: string;
  /** Of the output. */
  readonly shape: readonly [number, number, number];
  readonly params: number;
  readonly macs: number;
  /** Part of the network's MACs. */
  readonly share: number;
}

/** What each op of a network costs, in order; the input is left out. */
export function costLayers(graph: Graph): readonly CostLayer[] {
  const layers = graph.nodes
    .filter((node) => node.op.kind !== 'input')
    .map((node) => ({ name: node.name, op: printOp(node.op), shape: node.shape, ...nodeCost(graph, node) }));
  const total = layers.reduce((sum, { macs }) => sum + macs, 0);
  return layers.map((layer) => ({ ...layer, share: layer.macs / Math.max(total, 1) }));
}

export function costTable(layers: readonly CostLayer[]): string {
  return textTable(layers, [
    { title: 'layer', cell: ({ name }) => name },
    { title: 'op', cell: ({ op }) => op },
    { title: 'output', align: 'right', cell: ({ shape }) => printShape(shape) },
    { title: 'params', align: 'right', cell: ({ params }) => (params === 0 ? '' : String(params)) },
    { title: 'MACs', align: 'right', cell: ({ macs }) => (macs === 0 ? '' : formatCount(macs)) },
    { title: 'share', align: 'right', cell: ({ share }) => (share === 0 ? '' : formatPercent(share)) },
  ]);
}
