import type {
  ParameterSource,
  ParameterRole as TfliteRole,
} from '../../devices/runtimes/litert/tflite/parameters.ts';
import type { ParameterRole } from '../../trainers/embedded/parameters.ts';
import { BATCH_NORM_EPSILON, type TrainedNetwork } from '../trained-network.ts';
import { transpose } from '../transpose.ts';

const TRAINED_ROLE: Readonly<Record<TfliteRole, ParameterRole>> = {
  weights: 'weight',
  bias: 'bias',
  gamma: 'scale',
  beta: 'shift',
  mean: 'running-mean',
  variance: 'running-variance',
  slope: 'slope',
};

/** The numbers of a trained network in the order of the format: output channels first. */
export function trainedParameters(network: TrainedNetwork): ParameterSource {
  const idOf = new Map(network.graph.nodes.map(({ name }, id) => [name, id]));
  return {
    batchNormEpsilon: BATCH_NORM_EPSILON,
    parameter(node, role) {
      const { dimensions, values } = network.parameter(idOf.get(node) ?? -1, TRAINED_ROLE[role]);
      const last = dimensions.length - 1;
      return transpose(values, dimensions, [last, ...dimensions.slice(0, last).keys()]);
    },
  };
}
