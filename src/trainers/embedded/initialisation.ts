import type { Rng } from '../../base/rng.ts';
import type { Graph, NodeId } from '../../graph/graph.ts';
import type { ParameterSpec } from './parameters.ts';

const PRELU_SLOPE = 0.25;
const CLASSIFIER_DEVIATION = 0.01;

/**
 * Initial values of a parameter, by its logical index.
 * Convolutions: normal with variance 2 / fan-out (He et al. 2015), fan-out = kh · kw · outputs / groups. Linear
 * layers: variance 1 / fan-in, because no batch-norm follows them and the fan-out of a squeeze, a few channels,
 * would blow its gates up; the last one: standard deviation 0.01. Biases 0; PReLU slopes 0.25. Batch-norm starts
 * as the identity, except the last one before a residual sum, whose scale starts at 0 so that the block does
 * (Goyal et al. 2017, section 5.1).
 */
export function initialValues(graph: Graph, spec: ParameterSpec, rng: Rng): Float32Array {
  const values = new Float32Array(spec.dimensions.reduce((product, size) => product * size, 1));
  switch (spec.role) {
    case 'weight': {
      const deviation = weightDeviation(graph, spec);
      return values.map(() => rng.normal() * deviation);
    }
    case 'scale':
      return values.fill(zeroScaleNodes(graph).has(spec.node) ? 0 : 1);
    case 'running-variance':
      return values.fill(1);
    case 'slope':
      return values.fill(PRELU_SLOPE);
    default:
      return values;
  }
}

function weightDeviation(graph: Graph, { node, dimensions }: ParameterSpec): number {
  const op = graph.nodes[node]?.op;
  if (op?.kind === 'convolution') {
    return Math.sqrt((2 * op.groups) / (op.kernel[0] * op.kernel[1] * op.channels));
  }
  return node === lastLinear(graph) ? CLASSIFIER_DEVIATION : Math.sqrt(1 / (dimensions[0] ?? 1));
}

function lastLinear(graph: Graph): NodeId {
  return graph.nodes.findLastIndex(({ op }) => op.kind === 'linear');
}

/** Of each sum's inputs, the later one that is a batch-norm. */
export function zeroScaleNodes(graph: Graph): ReadonlySet<NodeId> {
  const zero = new Set<NodeId>();
  for (const { op, inputs } of graph.nodes) {
    if (op.kind !== 'add') continue;
    const norms = inputs.filter((input) => graph.nodes[input]?.op.kind === 'batch-norm');
    if (norms.length > 0) zero.add(Math.max(...norms));
  }
  return zero;
}
