import { NasError } from '../base/errors.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import { type ParameterRole, type ParameterSpec, parameterSpecs } from '../trainers/embedded/parameters.ts';
import type { Safetensors } from '../trainers/safetensors.ts';
import type { InputImages } from './normalisation.ts';

/** A parameter as trainers keep it: row-major, outputs last. */
export interface TrainedParameter extends Pick<ParameterSpec, 'node' | 'role' | 'dimensions'> {
  readonly values: Float32Array;
}

/** A network with its weights: what every format is written from. */
export interface TrainedNetwork {
  readonly name: string;
  readonly graph: Graph;
  /** Node by node. */
  readonly parameters: readonly TrainedParameter[];
  /** What its input is to be; `normalised`, by what nobody knows, unless told. */
  readonly images: InputImages;
  parameter(node: NodeId, role: ParameterRole): TrainedParameter;
}

/** Added to the variance before the square root of a batch-norm, as in training. */
export const BATCH_NORM_EPSILON = 1e-3;

/** Puts a network and its weights together. Throws a NasError where the weights are not those of this network. */
export function trainedNetwork(
  name: string,
  graph: Graph,
  { tensors }: Pick<Safetensors, 'tensors'>,
  where: string,
  images: InputImages = { values: 'normalised' },
): TrainedNetwork {
  const specs = parameterSpecs(graph);
  const names = new Set(specs.map(tensorName));
  // `3.weight.velocity` is of the parameter `3.weight`: what its optimiser keeps.
  const foreign = [...tensors.keys()].find((key) => !names.has(key.split('.', 2).join('.')));
  if (foreign !== undefined) refuse(where, `a tensor ${foreign}`, `parameters of ${name} alone`);
  const parameters = specs.map((spec): TrainedParameter => {
    const { node, role, dimensions } = spec;
    const stored = tensors.get(tensorName(spec));
    if (stored?.data instanceof Float32Array && String(stored.shape) === String(dimensions)) {
      return { node, role, dimensions, values: stored.data };
    }
    const found =
      stored === undefined
        ? `no tensor ${tensorName(spec)}`
        : `${tensorName(spec)} of shape [${stored.shape.join(', ')}]`;
    return refuse(
      where,
      found,
      `float32 of shape [${dimensions.join(', ')}] for ${graph.nodes[node]?.name} of ${name}`,
    );
  });
  return withParameters({ name, images }, graph, parameters);
}

/** A network of the same name and input with another graph and its parameters. */
export function withParameters(
  { name, images }: Pick<TrainedNetwork, 'name' | 'images'>,
  graph: Graph,
  parameters: readonly TrainedParameter[],
): TrainedNetwork {
  const byName = new Map(parameters.map((parameter) => [tensorName(parameter), parameter]));
  return {
    ...{ name, graph, parameters, images },
    parameter(node, role) {
      const found = byName.get(tensorName({ node, role }));
      if (found === undefined) throw new RangeError(`node ${node} has no ${role}`);
      return found;
    },
  };
}

/** Of a parameter in the files of trainers. */
export function tensorName({ node, role }: Pick<TrainedParameter, 'node' | 'role'>): string {
  return `${node}.${role}`;
}

function refuse(where: string, found: string, expected: string): never {
  throw new NasError(where, {
    found,
    expected,
    next: 'give --width, --classes, --input-channels and --strides as they were in training',
  });
}
