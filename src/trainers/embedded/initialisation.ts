import type { Rng } from '../../base/rng.ts';
import type { Graph, NodeId } from '../../graph/graph.ts';
import type { Op } from '../../graph/op.ts';
import type { ParameterRole, ParameterSpec } from './parameters.ts';

const PRELU_SLOPE = 0.25;
const CLASSIFIER_DEVIATION = 0.01;

/** What the start of a parameter depends on besides its role. */
export interface Start {
  /** Standard deviation of a weight. */
  readonly deviation: number;
  /** Whether a scale starts at 0. */
  readonly zeroScale: boolean;
}

/** Initial values of a parameter of a network, by its logical index. */
export function initialValues(graph: Graph, spec: ParameterSpec, rng: Rng): Float32Array {
  const op = graph.nodes[spec.node]?.op;
  const isLogits = spec.node === lastLinear(graph);
  return startingValues(
    spec,
    {
      deviation: op === undefined ? 0 : weightDeviation(op, spec.dimensions[0] ?? 1, isLogits),
      zeroScale: zeroScaleNodes(graph).has(spec.node),
    },
    rng,
  );
}

/**
 * Convolutions: normal with variance 2 / fan-out (He et al. 2015), fan-out = kh · kw · outputs / groups. Linear
 * layers: variance 1 / fan-in, because no batch-norm follows them and the fan-out of a squeeze, a few channels,
 * would blow its gates up; the last one: standard deviation 0.01. Biases 0; PReLU slopes 0.25. Batch-norm starts
 * as the identity, except the last one before a residual sum, whose scale starts at 0 so that the block does
 * (Goyal et al. 2017, section 5.1).
 */
export function startingValues(
  { role, dimensions }: { readonly role: ParameterRole; readonly dimensions: readonly number[] },
  { deviation, zeroScale }: Start,
  rng: Rng,
): Float32Array {
  const values = new Float32Array(dimensions.reduce((product, size) => product * size, 1));
  switch (role) {
    case 'weight':
      return values.map(() => rng.normal() * deviation);
    case 'scale':
      return values.fill(zeroScale ? 0 : 1);
    case 'running-variance':
      return values.fill(1);
    case 'slope':
      return values.fill(PRELU_SLOPE);
    default:
      return values;
  }
}

/** Of the weights of a convolution, or of a linear layer with so many inputs. */
export function weightDeviation(op: Op, inputs: number, isLogits: boolean): number {
  if (op.kind === 'convolution') {
    return Math.sqrt((2 * op.groups) / (op.kernel[0] * op.kernel[1] * op.channels));
  }
  return isLogits ? CLASSIFIER_DEVIATION : Math.sqrt(1 / inputs);
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
