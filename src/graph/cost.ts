import type { Graph, GraphNode } from './graph.ts';

export interface Cost {
  /** Multiply-accumulates of convolutions and fully connected layers (the papers' "Mult-Adds"). */
  readonly macs: number;
  /** Weights, biases, batch-norm γ and β and PReLU slopes; not the running statistics. */
  readonly params: number;
}

/** Cost of one node of a graph, for one image. */
export function nodeCost(graph: Graph, node: GraphNode): Cost {
  const { op } = node;
  const inputChannels = graph.nodes[node.inputs[0] ?? 0]?.shape[2] ?? 0;
  const [height, width, channels] = node.shape;
  switch (op.kind) {
    case 'convolution': {
      const weights = op.kernel[0] * op.kernel[1] * (inputChannels / op.groups) * channels;
      return { macs: weights * height * width, params: weights + (op.bias ? channels : 0) };
    }
    case 'linear': {
      const weights = inputChannels * channels;
      return { macs: weights, params: weights + (op.bias ? channels : 0) };
    }
    case 'batch-norm':
      return { macs: 0, params: 2 * channels };
    case 'activation':
      return { macs: 0, params: op.function === 'prelu' ? channels : 0 };
    default:
      return { macs: 0, params: 0 };
  }
}

export function graphCost(graph: Graph): Cost {
  let macs = 0;
  let params = 0;
  for (const node of graph.nodes) {
    const cost = nodeCost(graph, node);
    macs += cost.macs;
    params += cost.params;
  }
  return { macs, params };
}
