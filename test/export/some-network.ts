import { createRng } from '../../src/base/rng.ts';
import { type TrainedNetwork, trainedNetwork } from '../../src/export/trained-network.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { buildGraph } from '../../src/space/network.ts';
import { sampleGenotype } from '../../src/space/sample.ts';
import { createNetwork } from '../../src/trainers/embedded/network.ts';
import { type ParameterSpec, parameterSpecs } from '../../src/trainers/embedded/parameters.ts';
import { createRuntime } from '../../src/trainers/embedded/runtime.ts';
import { importWeights } from '../../src/trainers/embedded/weights.ts';
import type { Safetensors } from '../../src/trainers/safetensors.ts';
import { SPACES, shipped } from '../space/shipped.ts';
import { TINY_NETWORKS } from '../trainers/embedded/tiny-networks.ts';

/** Reference networks that together use every op and every block, narrow and on small images. */
const REFERENCES = [
  'efficientnet-b0',
  'espnetv2',
  'ghostnet-1.0',
  'mobilenet-v2',
  'mobilenet-v3-small',
  'shufflenet-v1-g3',
  'shufflenet-v2',
  'squeezenet-1.1',
  'squeezenext-1.0-23',
] as const;

const SMALL = { width: 0.25, resolution: 32, classes: 10 };
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

/** One for each op, the reference networks, and one of each space. */
export function examples(images: number): readonly Example[] {
  const graphs = [
    ...Object.entries(TINY_NETWORKS),
    ...REFERENCES.map((name): [string, Graph] => {
      const architecture = shipped(name).decode([]);
      return [name, buildGraph(architecture, SMALL)];
    }),
    ...SPACES.map(({ where, decisions, decode }): [string, Graph] => {
      const architecture = decode(sampleGenotype(decisions, createRng(where)));
      return [`one of ${where}`, buildGraph(architecture, SMALL)];
    }),
  ];
  return graphs.map(([name, graph]) => exampleOf(name, graph, images));
}

export function exampleOf(name: string, graph: Graph, images: number): Example {
  const rng = createRng(name);
  const weights: Safetensors = {
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
  const network = createNetwork(runtime, graph, { batchSize: images, rng: undefined });
  importWeights(runtime, network.parameters, weights, name);
  const pixels = runtime.floats(network.input.value, network.input.floats);
  const input: number[] = [];
  for (let i = 0; i < pixels.length; i++) {
    if (i % network.input.stride >= network.input.channels) continue;
    pixels[i] = rng.normal();
    input.push(pixels[i]!);
  }
  network.forward({ training: false, statisticsMomentum: 0 });
  const { stride, channels } = network.output;
  const output = runtime.floats(network.output.value, network.output.floats);
  return {
    network: trainedNetwork(name, graph, weights, name),
    weights,
    images,
    input: Float32Array.from(input),
    output: output.filter((_, i) => i % stride < channels),
  };
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
