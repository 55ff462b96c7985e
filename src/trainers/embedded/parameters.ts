import type { Graph, GraphNode, NodeId } from '../../graph/graph.ts';
import type { Op } from '../../graph/op.ts';
import type { Pointer, Runtime } from './runtime.ts';
import { LANES, paddedChannels } from './tensor.ts';

export type ParameterRole =
  | 'weight'
  | 'bias'
  | 'scale'
  | 'shift'
  | 'slope'
  | 'running-mean'
  | 'running-variance';

/** What a parameter is, before it has a place in memory. */
export interface ParameterSpec {
  readonly node: NodeId;
  readonly role: ParameterRole;
  /** Logical dimensions: [kh, kw, inputs / groups, outputs], [inputs, outputs] or [channels]. */
  readonly dimensions: readonly number[];
  /** Floats in memory, with the lanes of padding. */
  readonly floats: number;
  /** Where in memory, in floats, the logical element of an index lies. */
  readonly placeOf: (index: number) => number;
}

/** Where a parameter, its gradient and what an optimiser keeps of it lie; null where there is no such thing. */
interface ParameterPlaces {
  readonly value: Pointer;
  /** Null for running statistics, which are not learnt; so are the velocity and the square. */
  readonly gradient: Pointer;
  readonly velocity: Pointer;
  /** Mean square of the gradient. */
  readonly square: Pointer;
  /** Moving average of the value. */
  readonly average: Pointer;
}

export interface Parameter extends ParameterSpec, ParameterPlaces {}

/** A convolution with one filter a channel: it has kernels and a layout of its own. */
export function isDepthwise(op: Extract<Op, { kind: 'convolution' }>, inputChannels: number): boolean {
  return op.groups > 1 && op.groups === inputChannels && op.channels === inputChannels;
}

/** Weight decay pulls on these alone. */
function decays(role: ParameterRole): boolean {
  return role === 'weight';
}

function isLearnt(role: ParameterRole): boolean {
  return role !== 'running-mean' && role !== 'running-variance';
}

/** The parameters of a network, node by node. */
export function parameterSpecs(graph: Graph): readonly ParameterSpec[] {
  return graph.nodes.flatMap((node, id) => specsOfNode(graph, node, id));
}

function specsOfNode(graph: Graph, { op, inputs, shape }: GraphNode, node: NodeId): readonly ParameterSpec[] {
  const channels = shape[2];
  const vector = (role: ParameterRole): ParameterSpec => ({
    node,
    role,
    dimensions: [channels],
    floats: paddedChannels(channels),
    placeOf: (index) => index,
  });
  switch (op.kind) {
    case 'convolution':
    case 'linear': {
      const weight = weightSpec(op, graph.nodes[inputs[0] ?? 0]?.shape[2] ?? 0, node);
      return op.bias ? [weight, vector('bias')] : [weight];
    }
    case 'batch-norm':
      return [vector('scale'), vector('shift'), vector('running-mean'), vector('running-variance')];
    case 'activation':
      return op.function === 'prelu' ? [vector('slope')] : [];
    default:
      return [];
  }
}

/**
 * In memory a weight is a matrix [taps × inputs][outputs], both padded to whole vectors; that of a depthwise
 * convolution [taps][channels]; that of a grouped one a matrix for each group, one after the other, unpadded.
 */
function weightSpec(
  op: Extract<Op, { kind: 'convolution' | 'linear' }>,
  inputChannels: number,
  node: NodeId,
): ParameterSpec {
  const outputs = op.channels;
  const outputStride = paddedChannels(outputs);
  if (op.kind === 'linear') {
    return {
      node,
      role: 'weight',
      dimensions: [inputChannels, outputs],
      floats: paddedChannels(inputChannels) * outputStride,
      placeOf: (index) => Math.floor(index / outputs) * outputStride + (index % outputs),
    };
  }
  const taps = op.kernel[0] * op.kernel[1];
  const inputs = inputChannels / op.groups;
  const spec = { node, role: 'weight', dimensions: [...op.kernel, inputs, outputs] } as const;
  if (isDepthwise(op, inputChannels)) {
    const placeOf = (index: number) => Math.floor(index / outputs) * outputStride + (index % outputs);
    return { ...spec, floats: taps * outputStride, placeOf };
  }
  if (op.groups === 1) {
    const inputStride = paddedChannels(inputs);
    const placeOf = (index: number) => {
      const row = Math.floor(index / outputs);
      return (Math.floor(row / inputs) * inputStride + (row % inputs)) * outputStride + (index % outputs);
    };
    return { ...spec, floats: taps * inputStride * outputStride, placeOf };
  }
  const groupOutputs = outputs / op.groups;
  const placeOf = (index: number) => {
    const output = index % outputs;
    const group = Math.floor(output / groupOutputs);
    const row = group * taps * inputs + Math.floor(index / outputs);
    return row * groupOutputs + (output % groupOutputs);
  };
  return { ...spec, floats: Math.ceil((taps * inputs * outputs) / LANES) * LANES, placeOf };
}

/** Runs of memory in which all learnt parameters lie, those that decay and the others. */
interface LearntRun extends ParameterPlaces {
  readonly floats: number;
  readonly decays: boolean;
}

export interface ParameterStore {
  readonly parameters: readonly Parameter[];
  readonly runs: readonly LearntRun[];
  /** What is not learnt. */
  readonly statistics: readonly Parameter[];
  of(node: NodeId, role: ParameterRole): Parameter;
}

/** What there has to be a place for besides values, gradients and velocities. */
export interface ParameterExtras {
  readonly squares?: boolean;
  readonly averages?: boolean;
}

/** Lays parameters out so that an optimiser passes over them in two runs. */
export function allocateParameters(
  runtime: Runtime,
  specs: readonly ParameterSpec[],
  { squares = false, averages = false }: ParameterExtras = {},
): ParameterStore {
  const parameters: Parameter[] = [];
  const runs = [true, false].map((decaying): LearntRun => {
    const members = specs.filter(({ role }) => isLearnt(role) && decays(role) === decaying);
    const floats = members.reduce((sum, spec) => sum + spec.floats, 0);
    const places: ParameterPlaces = {
      value: runtime.allocate(floats),
      gradient: runtime.allocate(floats),
      velocity: runtime.allocate(floats),
      square: squares ? runtime.allocate(floats) : NULL,
      average: averages ? runtime.allocate(floats) : NULL,
    };
    let offset = 0;
    for (const spec of members) {
      parameters.push({ ...spec, ...placesAt(places, 4 * offset) });
      offset += spec.floats;
    }
    return { ...places, floats, decays: decaying };
  });
  const statistics = specs
    .filter(({ role }) => !isLearnt(role))
    .map((spec): Parameter => {
      const average = averages ? runtime.allocate(spec.floats) : NULL;
      return { ...spec, ...NOT_LEARNT, value: runtime.allocate(spec.floats), average };
    });
  parameters.push(...statistics);
  const byKey = new Map(parameters.map((parameter) => [`${parameter.node} ${parameter.role}`, parameter]));
  const of = (node: NodeId, role: ParameterRole): Parameter => {
    const found = byKey.get(`${node} ${role}`);
    if (found === undefined) throw new RangeError(`node ${node} has no ${role}`);
    return found;
  };
  return { parameters, runs, statistics, of };
}

const NULL: Pointer = 0;
const NOT_LEARNT = { gradient: NULL, velocity: NULL, square: NULL };

/** The places of a parameter that lies `bytes` into a run. */
function placesAt(
  { value, gradient, velocity, square, average }: ParameterPlaces,
  bytes: number,
): ParameterPlaces {
  return {
    value: value + bytes,
    gradient: gradient + bytes,
    velocity: velocity + bytes,
    square: square === NULL ? NULL : square + bytes,
    average: average === NULL ? NULL : average + bytes,
  };
}

/** The logical elements of a parameter, or of what belongs to it, out of memory. */
export function readParameter(
  runtime: Runtime,
  parameter: Parameter,
  which: keyof ParameterPlaces = 'value',
): Float32Array {
  const memory = runtime.floats(parameter[which], parameter.floats);
  const length = parameter.dimensions.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length }, (_, index) => memory[parameter.placeOf(index)]!);
}

/** Puts logical elements in their places in memory. */
export function writeParameter(
  runtime: Runtime,
  parameter: Parameter,
  values: ArrayLike<number>,
  which: keyof ParameterPlaces = 'value',
): void {
  const memory = runtime.floats(parameter[which], parameter.floats);
  for (let index = 0; index < values.length; index++) memory[parameter.placeOf(index)] = values[index]!;
}
