import { fuse } from '../graph/fusion.ts';
import type { GraphNode, NodeId } from '../graph/graph.ts';
import {
  BATCH_NORM_EPSILON,
  type TrainedNetwork,
  type TrainedParameter,
  withParameters,
} from './trained-network.ts';

/**
 * The same network without the batch-norms that follow a convolution or a linear layer and alone read it. With
 * scale' = scale / √(variance + ε), weights become scale' · weights and biases scale' · (bias − mean) + shift, output
 * channel by output channel (Ioffe and Szegedy 2015, algorithm 2), computed in float64 and rounded once. Other
 * batch-norms stay.
 */
export function foldedNetwork(network: TrainedNetwork): TrainedNetwork {
  const { graph } = network;
  /** Of a batch-norm that goes, the op that takes it along; and the other way round. */
  const headOf = new Map<NodeId, NodeId>();
  const normOf = new Map<NodeId, NodeId>();
  for (const { nodes } of fuse(graph)) {
    const [head, next] = nodes;
    if (head === undefined || next === undefined || graph.nodes[next]?.op.kind !== 'batch-norm') continue;
    headOf.set(next, head);
    normOf.set(head, next);
  }
  const nodes: GraphNode[] = [];
  const parameters: TrainedParameter[] = [];
  const placeOf = new Map<NodeId, NodeId>();
  graph.nodes.forEach((node, id) => {
    const head = headOf.get(id);
    if (head !== undefined) {
      placeOf.set(id, placeOf.get(head) ?? 0);
      return;
    }
    const norm = normOf.get(id);
    const own = network.parameters.filter((parameter) => parameter.node === id);
    const inputs = node.inputs.map((input) => placeOf.get(input) ?? 0);
    const place = nodes.push({ ...node, op: norm === undefined ? node.op : biased(node.op), inputs }) - 1;
    placeOf.set(id, place);
    const folded = norm === undefined ? own : fold(network, own, norm);
    parameters.push(...folded.map((parameter) => ({ ...parameter, node: place })));
  });
  return withParameters(network, { nodes, output: placeOf.get(graph.output) ?? 0 }, parameters);
}

function biased(op: GraphNode['op']): GraphNode['op'] {
  return op.kind === 'convolution' || op.kind === 'linear' ? { ...op, bias: true } : op;
}

/** Weight and bias of a layer that takes a batch-norm along. */
function fold(
  network: TrainedNetwork,
  own: readonly TrainedParameter[],
  norm: NodeId,
): readonly TrainedParameter[] {
  const values = (role: 'scale' | 'shift' | 'running-mean' | 'running-variance'): Float32Array =>
    network.parameter(norm, role).values;
  const [shift, mean, variance] = [values('shift'), values('running-mean'), values('running-variance')];
  const scale = Float64Array.from(
    values('scale'),
    (value, c) => value / Math.sqrt((variance[c] ?? 0) + BATCH_NORM_EPSILON),
  );
  const bias = own.find(({ role }) => role === 'bias')?.values;
  const folded = Float32Array.from(
    scale,
    (factor, c) => factor * ((bias?.[c] ?? 0) - (mean[c] ?? 0)) + (shift[c] ?? 0),
  );
  return own
    .filter(({ role }) => role === 'weight')
    .flatMap((weight) => [
      // Outputs are the last axis.
      { ...weight, values: weight.values.map((value, i) => value * (scale[i % scale.length] ?? 1)) },
      { ...weight, role: 'bias' as const, dimensions: [scale.length], values: folded },
    ]);
}
