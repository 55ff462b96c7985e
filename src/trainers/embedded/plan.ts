import { consumerCounts, type Graph, type GraphNode, type NodeId } from '../../graph/graph.ts';
import type { Layer, LayerContext, NodeOf } from './layer.ts';
import { planActivation } from './operations/activation.ts';
import { planBatchNorm } from './operations/batch-norm.ts';
import { planChannelShuffle, planChannelSplit, planConcat } from './operations/channels.ts';
import { planConvolution } from './operations/convolution.ts';
import { planAdd, planMultiply } from './operations/elementwise.ts';
import { planLinear } from './operations/linear.ts';
import { planGlobalAveragePool, planPool } from './operations/pooling.ts';

/** A layer and the node whose value it makes. */
export interface PlannedLayer {
  readonly output: NodeId;
  readonly layer: Layer;
}

/** The activation that a batch-norm takes along: its only reader, and not one with parameters. */
export function fusedActivations(graph: Graph): ReadonlyMap<NodeId, NodeId> {
  const consumers = consumerCounts(graph);
  const fused = new Map<NodeId, NodeId>();
  graph.nodes.forEach(({ op, inputs }, id) => {
    const [input] = inputs;
    if (op.kind !== 'activation' || op.function === 'prelu' || input === undefined) return;
    const before = graph.nodes[input];
    if (before?.op.kind === 'batch-norm' && consumers[input] === 1 && input !== graph.output) {
      fused.set(input, id);
    }
  });
  return fused;
}

/** The layers of a network, in order of execution. */
export function planLayers(
  graph: Graph,
  fused: ReadonlyMap<NodeId, NodeId>,
  context: LayerContext,
): readonly PlannedLayer[] {
  const taken = new Set(fused.values());
  return graph.nodes.flatMap((node, id) => {
    if (node.op.kind === 'input' || taken.has(id)) return [];
    const output = fused.get(id) ?? id;
    const fusedOp = output === id ? undefined : graph.nodes[output]?.op;
    if (is(node, 'batch-norm') && fusedOp?.kind === 'activation' && fusedOp.function !== 'prelu') {
      const activation = { function: fusedOp.function, output };
      return [{ output, layer: planBatchNorm(context, node, id, activation) }];
    }
    return [{ output, layer: planLayer(context, node, id) }];
  });
}

function planLayer(context: LayerContext, node: GraphNode, id: NodeId): Layer {
  if (is(node, 'convolution')) return planConvolution(context, node, id);
  if (is(node, 'linear')) return planLinear(context, node, id);
  if (is(node, 'batch-norm')) return planBatchNorm(context, node, id);
  if (is(node, 'activation')) return planActivation(context, node, id);
  if (is(node, 'add')) return planAdd(context, node, id);
  if (is(node, 'multiply')) return planMultiply(context, node, id);
  if (is(node, 'concat')) return planConcat(context, node, id);
  if (is(node, 'channel-split')) return planChannelSplit(context, node, id);
  if (is(node, 'channel-shuffle')) return planChannelShuffle(context, node, id);
  if (is(node, 'pool')) return planPool(context, node, id);
  if (is(node, 'global-average-pool')) return planGlobalAveragePool(context, node, id);
  throw new RangeError(`${node.name}: ${node.op.kind} is no layer`);
}

function is<Kind extends GraphNode['op']['kind']>(
  node: GraphNode,
  kind: Kind,
): node is GraphNode & NodeOf<Kind> {
  return node.op.kind === kind;
}

/** Whether something at or before a node learns from the node's gradient. */
export function wantedGradients(graph: Graph, inputGradient: boolean): readonly boolean[] {
  const wanted: boolean[] = [];
  for (const { op, inputs } of graph.nodes) {
    const learns =
      op.kind === 'convolution' ||
      op.kind === 'linear' ||
      op.kind === 'batch-norm' ||
      (op.kind === 'activation' && op.function === 'prelu');
    const asked = op.kind === 'input' && inputGradient;
    wanted.push(learns || asked || inputs.some((input) => wanted[input] === true));
  }
  return wanted;
}
