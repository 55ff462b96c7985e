import type { GraphNode } from '../graph/graph.ts';
import type { Normalisation } from './normalisation.ts';
import { BATCH_NORM_EPSILON, type TrainedNetwork, withParameters } from './trained-network.ts';

/**
 * The same network with its normalisation in front, so that it takes pixels from 0 to 255: a batch-norm of the
 * dataset's statistics, which every format and runtime has. It cannot go into the first convolution: the zeros that
 * pad an image are zeros of the normalised image.
 */
export function normalisingNetwork(network: TrainedNetwork, normalisation: Normalisation): TrainedNetwork {
  const { graph, parameters } = network;
  const { mean, standardDeviation } = normalisation;
  const [input, ...others] = graph.nodes;
  if (input === undefined) throw new RangeError('a network has an input');
  const moved = others.map((node): GraphNode => ({ ...node, inputs: node.inputs.map((id) => id + 1) }));
  const batchNorm: GraphNode = {
    ...{ name: 'normalisation', op: { kind: 'batch-norm' }, inputs: [0], shape: input.shape },
  };
  const vector = (
    role: 'scale' | 'shift' | 'running-mean' | 'running-variance',
    values: readonly number[],
  ) => ({
    ...{ node: 1, role, dimensions: [input.shape[2]], values: Float32Array.from(values) },
  });
  return withParameters(
    { name: network.name, images: { values: 'pixels', normalisation } },
    { nodes: [input, batchNorm, ...moved], output: graph.output + 1 },
    [
      vector(
        'scale',
        mean.map(() => 1),
      ),
      vector(
        'shift',
        mean.map(() => 0),
      ),
      vector('running-mean', mean),
      vector(
        'running-variance',
        standardDeviation.map((deviation) => deviation ** 2 - BATCH_NORM_EPSILON),
      ),
      ...parameters.map((parameter) => ({ ...parameter, node: parameter.node + 1 })),
    ],
  );
}
