import type { Graph, NodeId } from '../../graph/graph.ts';
import { pythonName } from './python.ts';

/** Consecutive nodes that become a class of their own: one layer of a network, with one input and one output. */
export interface NetworkLayer {
  /** Of the class's instance in the network: `stage3_layer1`. */
  readonly name: string;
  readonly nodes: readonly NodeId[];
  readonly input: NodeId;
  readonly output: NodeId;
  /** The name of a node inside the layer, as Python takes it. */
  nameOf(node: NodeId): string;
}

/** `stages.<stage>.<layer>.…`, as networks name their nodes. */
const LAYER_PREFIX = /^stages\.(\d+)\.(\d+)\./;

/** Cuts a network into the layers of its stages. Nodes of other names are one layer. */
export function networkLayers(graph: Graph): readonly NetworkLayer[] {
  const groups: { readonly prefix: string; readonly nodes: NodeId[] }[] = [];
  graph.nodes.forEach(({ name, op }, id) => {
    if (op.kind === 'input') return;
    const prefix = LAYER_PREFIX.exec(name)?.[0] ?? '';
    const group = groups.at(-1);
    if (group?.prefix === prefix) group.nodes.push(id);
    else groups.push({ prefix, nodes: [id] });
  });
  let input: NodeId = 0;
  return groups.map(({ prefix, nodes }) => {
    const output = nodes.find(
      (id) => id === graph.output || readers(graph, id).some((r) => !nodes.includes(r)),
    );
    const read = nodes.flatMap((id) => graph.nodes[id]?.inputs ?? []).filter((id) => !nodes.includes(id));
    if (output === undefined || read.some((id) => id !== input)) {
      throw new RangeError(`layer ${prefix} does not go from one tensor to one`);
    }
    const layer: NetworkLayer = {
      name: prefix.replace(LAYER_PREFIX, 'stage$1_layer$2') || nameOfOthers(graph, nodes),
      nodes,
      input,
      output,
      nameOf: (node) => pythonName((graph.nodes[node]?.name ?? '').slice(prefix.length)),
    };
    input = output;
    return layer;
  });
}

/** Of nodes that belong to no stage. */
function nameOfOthers(graph: Graph, nodes: readonly NodeId[]): string {
  const [first = 0, ...others] = nodes;
  return others.length === 0 ? pythonName(graph.nodes[first]?.name ?? '') : 'body';
}

function readers(graph: Graph, node: NodeId): readonly NodeId[] {
  return graph.nodes.flatMap(({ inputs }, id) => (inputs.includes(node) ? [id] : []));
}
