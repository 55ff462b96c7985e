import { createRng } from '../../src/base/rng.ts';
import { type TrainedNetwork, trainedNetwork } from '../../src/export/trained-network.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { buildGraph } from '../../src/space/network.ts';
import { sampleGenotype } from '../../src/space/sample.ts';
import { createNetwork, type Network } from '../../src/trainers/embedded/network.ts';
import { type ParameterSpec, parameterSpecs } from '../../src/trainers/embedded/parameters.ts';
import { createRuntime } from '../../src/trainers/embedded/runtime.ts';
import { exportWeights, importWeights } from '../../src/trainers/embedded/weights.ts';
import type { Safetensors } from '../../src/trainers/safetensors.ts';
import { NETWORKS, SPACES } from '../space/shipped.ts';
import { TINY_NETWORKS } from '../trainers/embedded/tiny-networks.ts';
import { photographs, SIDE } from './photographs.ts';

/** Narrow and on small images. */
const SMALL = { width: 0.25, resolution: SIDE, classes: 10 };
/** That batch-norms take their statistics of, at least. */
const STATISTICS_IMAGES = 16;
const runtime = createRuntime();

/** What a network was given and what it made of it, image by image in the order height, width, channels. */
export interface Example {
  readonly network: TrainedNetwork;
  readonly weights: Safetensors;
  readonly images: number;
  readonly input: Float32Array;
  /** By the embedded trainer, in evaluation. */
  readonly output: Float32Array;
}

/** One for each op. */
export function tinyExamples(images: number): readonly Example[] {
  return Object.entries(TINY_NETWORKS).map(([name, graph]) => exampleOf(name, graph, images));
}

/** All reference networks, and one of each space. */
export function wholeExamples(images: number): readonly Example[] {
  const graphs = [
    ...[...NETWORKS].map(([name, architecture]): [string, Graph] => [name, buildGraph(architecture, SMALL)]),
    ...SPACES.map(({ where, decisions, decode }): [string, Graph] => {
      const architecture = decode(sampleGenotype(decisions, createRng(where)));
      return [`one of ${where}`, buildGraph(architecture, SMALL)];
    }),
  ];
  return graphs.map(([name, graph]) => exampleOf(name, graph, images));
}

export function examples(images: number): readonly Example[] {
  return [...tinyExamples(images), ...wholeExamples(images)];
}

/**
 * A network with random weights on photographs, or on noise where it is of another shape. Its batch-norms hold the
 * statistics of such images, as those of a trained network do: with any others, numbers grow from layer to layer, and
 * rounding with them.
 */
export function exampleOf(name: string, graph: Graph, images: number): Example {
  const rng = createRng(name);
  const drawn: Safetensors = {
    metadata: {},
    tensors: new Map(
      parameterSpecs(graph).map((spec) => {
        const stream = rng.fork(`${spec.node}.${spec.role}`);
        const { mean, deviation } = distributionOf(spec);
        const length = spec.dimensions.reduce((product, size) => product * size, 1);
        const data = Float32Array.from({ length }, () => mean + deviation * (2 * stream.uniform() - 1));
        return [`${spec.node}.${spec.role}`, { shape: spec.dimensions, data }];
      }),
    ),
  };
  const count = Math.max(images, STATISTICS_IMAGES);
  const many = inputOf(graph, count, () => rng.normal());
  const settled = open(graph, drawn, many, count);
  settled.forward({ training: true, statisticsMomentum: 0.5 });
  const weights = { metadata: {}, tensors: exportWeights(runtime, settled.parameters) };

  const input = many.slice(0, (many.length / count) * images);
  const network = open(graph, weights, input, images);
  network.forward({ training: false, statisticsMomentum: 0 });
  const { stride, channels } = network.output;
  const output = runtime.floats(network.output.value, network.output.floats);
  return {
    network: trainedNetwork(name, graph, weights, name),
    weights,
    images,
    input,
    output: output.filter((_, i) => i % stride < channels),
  };
}

/** The embedded trainer's network with its input in place. */
function open(graph: Graph, weights: Safetensors, input: Float32Array, batchSize: number): Network {
  const network = createNetwork(runtime, graph, { batchSize, rng: undefined });
  importWeights(runtime, network.parameters, weights, 'drawn');
  const pixels = runtime.floats(network.input.value, network.input.floats);
  const { channels, stride } = network.input;
  input.forEach((value, i) => {
    pixels[Math.floor(i / channels) * stride + (i % channels)] = value;
  });
  return network;
}

function inputOf({ nodes }: Graph, images: number, draw: () => number): Float32Array {
  const [height, width, channels] = nodes[0]!.shape;
  if (height === SIDE && width === SIDE && channels === 3) return photographs(images);
  return Float32Array.from({ length: images * height * width * channels }, draw);
}

/** As of a network that has been trained for a while: nothing is 0, 1 or the same everywhere. */
function distributionOf({ role, dimensions }: ParameterSpec): { mean: number; deviation: number } {
  switch (role) {
    case 'weight':
      // He et al. 2015: variance 2 / fan-in.
      return {
        mean: 0,
        deviation: Math.sqrt(6 / dimensions.slice(0, -1).reduce((product, size) => product * size, 1)),
      };
    case 'scale':
      return { mean: 1, deviation: 0.2 };
    case 'running-variance':
      return { mean: 1, deviation: 0.5 };
    case 'slope':
      return { mean: 0.25, deviation: 0.1 };
    default:
      return { mean: 0, deviation: 0.2 };
  }
}

/** Two float32 runtimes come within 6e-6 on all of these; a wrong edge pixel or epsilon makes 1e-4 and more. */
export const TOLERANCE = 2e-5;

/** The largest difference of two outputs in parts of the largest number in them. */
export function disagreement(found: ArrayLike<number>, expected: Float32Array): number {
  if (found.length !== expected.length) {
    throw new RangeError(`${found.length} numbers, ${expected.length} expected`);
  }
  const magnitude = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(magnitude > 0)) throw new RangeError('an output of zeros');
  return expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (found[i] ?? Number.NaN)) / magnitude),
    0,
  );
}
