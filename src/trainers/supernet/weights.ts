import { NasError } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Architecture } from '../../space/network.ts';
import { startingValues } from '../embedded/initialisation.ts';
import type { Parameter, ParameterSpec } from '../embedded/parameters.ts';
import type { Runtime } from '../embedded/runtime.ts';
import type { Safetensors, StoredTensor } from '../safetensors.ts';
import { type SharedParameter, type SupernetLayout, sharedParameters } from './layout.ts';
import { gather, type Slice, scatter, sliceOf } from './slice.ts';

/** What is shared of each learnt parameter; the squares are RMSProp's. */
export interface SupernetWeights {
  readonly value: Float32Array;
  readonly velocity: Float32Array;
  readonly square: Float32Array;
}

/** Each parameter has a stream of its own, named after it. */
export function initialWeights(layout: SupernetLayout, rng: Rng): Float32Array {
  const floats = new Float32Array(layout.floats);
  for (const parameter of layout.parameters.values()) {
    const values = startingValues(parameter, parameter.start, rng.fork(parameter.name));
    floats.set(
      parameter.start.identity ? nearIdentity(values, parameter.dimensions) : values,
      parameter.offset,
    );
  }
  return floats;
}

/** What is left of the random start beside an identity. */
const NOISE = 0.3;

/** A convolution of [kh, kw, inputs / groups, outputs] that passes on the middle of its window, and some noise. */
function nearIdentity(values: Float32Array, dimensions: readonly number[]): Float32Array {
  const [height = 1, width = 1, inputs = 1, outputs = 1] = dimensions;
  const near = values.map((value) => NOISE * value);
  const middle = ((height >> 1) * width + (width >> 1)) * inputs * outputs;
  for (let output = 0; output < outputs; output++) {
    // A depthwise one has a single input for each.
    const input = inputs === 1 ? 0 : output;
    if (input < inputs) near[middle + input * outputs + output]! += 1;
  }
  return near;
}

/** A network's parameters as slices of a supernet. */
export interface Inheritance {
  /** Puts the supernet's weights in the place of the network's. */
  take(which: keyof SupernetWeights, supernet: Float32Array): void;
  /** Puts the network's back. */
  giveBack(which: keyof SupernetWeights, supernet: Float32Array): void;
}

/** `parameters` are those of the graph, laid out in the runtime's memory. */
export function inherit(
  runtime: Runtime,
  layout: SupernetLayout,
  architecture: Architecture,
  graph: Graph,
  parameters: readonly Parameter[],
): Inheritance {
  const slices = sharedParameters(layout, architecture, graph, parameters).map(({ shared, own }) => ({
    own,
    slice: knownSlice(layout, shared, own),
  }));
  const each = (
    which: keyof SupernetWeights,
    work: (slice: Slice, parameter: Float32Array) => void,
  ): void => {
    for (const { own, slice } of slices) work(slice, runtime.floats(own[which], own.floats));
  };
  return {
    take: (which, supernet) => each(which, (slice, parameter) => gather(slice, supernet, parameter)),
    giveBack: (which, supernet) => each(which, (slice, parameter) => scatter(slice, supernet, parameter)),
  };
}

const known = new WeakMap<SupernetLayout, Map<string, Slice>>();

/** `sliceOf`, worked out once: it follows from the dimensions, of which networks have a few only. */
function knownSlice(layout: SupernetLayout, shared: SharedParameter, own: ParameterSpec): Slice {
  const slices = known.get(layout) ?? new Map<string, Slice>();
  known.set(layout, slices);
  const key = `${shared.name} ${own.dimensions}`;
  const slice = slices.get(key) ?? sliceOf(shared, own);
  slices.set(key, slice);
  return slice;
}

/** The weights as a file has them, by the names of the parameters. */
export function exportSupernet(layout: SupernetLayout, values: Float32Array): Map<string, StoredTensor> {
  return new Map(
    [...layout.parameters.values()].map(({ name, dimensions, offset }) => {
      const size = dimensions.reduce((product, length) => product * length, 1);
      return [name, { shape: dimensions, data: values.slice(offset, offset + size) }];
    }),
  );
}

/** What `exportSupernet` gave; throws a NasError where a file is not of this supernet. */
export function importSupernet(
  layout: SupernetLayout,
  { tensors }: Safetensors,
  where: string,
): Float32Array {
  const values = new Float32Array(layout.floats);
  const refuse = (found: string, expected: string): never => {
    throw new NasError(where, {
      found,
      expected,
      next: 'train the supernet of this space anew: nas supernet train',
    });
  };
  if (tensors.size !== layout.parameters.size) {
    refuse(`${tensors.size} tensors`, `the ${layout.parameters.size} of the supernet of this space`);
  }
  for (const { name, dimensions, offset } of layout.parameters.values()) {
    const found = tensors.get(name);
    if (!(found?.data instanceof Float32Array) || String(found.shape) !== String(dimensions)) {
      refuse(
        found === undefined ? `no tensor ${name}` : `${name} of shape [${found.shape}]`,
        `float32 of shape [${dimensions}]`,
      );
    } else values.set(found.data, offset);
  }
  return values;
}
