import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../src/base/rng.ts';
import { channelGroups } from '../../src/graph/channel-groups.ts';
import { type KeptChannels, keptChannels, sliceGraph } from '../../src/graph/channel-slice.ts';
import { type Graph, GraphBuilder, type NodeId } from '../../src/graph/graph.ts';
import { buildGraph } from '../../src/space/network.ts';
import { createNetwork } from '../../src/trainers/embedded/network.ts';
import { createRuntime } from '../../src/trainers/embedded/runtime.ts';
import { exportWeights, importWeights } from '../../src/trainers/embedded/weights.ts';
import type { StoredTensor } from '../../src/trainers/safetensors.ts';
import { sliceWeights } from '../../src/trainers/slice-weights.ts';
import { EXAMPLES } from '../blocks/examples.ts';
import { addBlock, place } from '../blocks/lower.ts';
import { NETWORKS } from '../space/shipped.ts';

const runtime = createRuntime();
const BATCH = 2;
const CLASSES = 5;

/** For weights that others are put in the place of. */
const ZEROS: Rng = { uniform: () => 0, integer: () => 0, normal: () => 0, fork: () => ZEROS };

type Weights = ReadonlyMap<string, StoredTensor>;

/** Weights with batch-norms, biases and slopes that all do something. */
function randomWeights(graph: Graph, rng: Rng): Weights {
  const network = createNetwork(runtime, graph, { batchSize: BATCH, rng });
  return new Map(
    [...exportWeights(runtime, network.parameters)].map(([name, tensor]) => {
      const role = name.split('.')[1];
      if (role === 'weight') return [name, tensor];
      const values = Float32Array.from(tensor.data, () => rng.normal());
      const around = role === 'scale' || role === 'running-variance' ? 1 : 0;
      return [name, { ...tensor, data: values.map((value) => around + 0.3 * Math.tanh(value)) }];
    }),
  );
}

/** The logits of some images. */
function logits(graph: Graph, weights: Weights): readonly number[] {
  const network = createNetwork(runtime, graph, { batchSize: BATCH, rng: ZEROS });
  importWeights(runtime, network.parameters, { tensors: weights, metadata: {} }, 'test');
  const rng = createRng('images');
  const { value, floats, stride } = network.input;
  const images = runtime.floats(value, floats);
  for (let i = 0; i < floats; i++) if (i % stride < 3) images[i] = rng.normal();
  network.forward({ training: false, statisticsMomentum: 0 });
  const outputs = runtime.floats(network.output.value, network.output.floats);
  return Array.from({ length: BATCH * CLASSES }, (_, i) => {
    return outputs[Math.floor(i / CLASSES) * network.output.stride + (i % CLASSES)] ?? Number.NaN;
  });
}

/** The network with a 1×1 depthwise convolution of ones and zeros after every node that makes or changes channels. */
function masked(
  graph: Graph,
  weights: Weights,
  kept: KeptChannels,
): { readonly graph: Graph; readonly weights: Weights } {
  const builder = new GraphBuilder();
  const tensors = new Map<string, StoredTensor>();
  const at: NodeId[] = [];
  graph.nodes.forEach(({ op, inputs, shape }, id) => {
    const node = builder.add(
      op,
      inputs.map((input) => at[input] ?? 0),
    );
    for (const [name, tensor] of weights) {
      const [of, ...role] = name.split('.');
      if (Number(of) === id) tensors.set([node, ...role].join('.'), tensor);
    }
    const channels = shape[2];
    if (kept[id]?.length === channels) {
      at.push(node);
      return;
    }
    const mask = builder.convolution(node, channels, { groups: channels });
    const data = Float32Array.from({ length: channels }, (_, channel) =>
      kept[id]?.includes(channel) ? 1 : 0,
    );
    tensors.set(`${mask}.weight`, { shape: [1, 1, 1, channels], data });
    at.push(mask);
  });
  return { graph: builder.build(at[graph.output] ?? 0), weights: tensors };
}

/** About half of the bundles of each group by chance, at least one, and not all where there are more. */
function someBundles(graph: Graph, rng: Rng) {
  const groups = channelGroups(graph);
  const kept = groups.map(({ bundles }) => {
    const all = bundles.map((_, index) => index);
    const chosen = all.filter(() => rng.uniform() < 0.6);
    if (chosen.length === 0) return all.slice(-1);
    return chosen.length === all.length && all.length > 1 ? all.slice(1) : chosen;
  });
  return { groups, kept };
}

function checkLaw(graph: Graph, seed: string): void {
  const rng = createRng(seed);
  const weights = randomWeights(graph, rng.fork('weights'));
  const { groups, kept: bundles } = someBundles(graph, rng.fork('bundles'));
  const kept = keptChannels(graph, groups, bundles);
  const sliced = sliceGraph(graph, kept);
  const found = logits(sliced, sliceWeights(graph, kept, weights));
  const zeroed = masked(graph, weights, kept);
  const expected = logits(zeroed.graph, zeroed.weights);
  const scale = Math.max(...expected.map(Math.abs));
  expect(scale).toBeGreaterThan(0);
  const errors = found.map((logit, i) => Math.abs(logit - (expected[i] ?? Number.NaN)) / scale);
  expect(Math.max(...errors)).toBeLessThan(1e-4);
  if (groups.every(({ bundles }) => bundles.length === 1)) return;
  const whole = logits(graph, weights);
  // Or the test could not fail.
  expect(Math.max(...whole.map((logit, i) => Math.abs(logit - (expected[i] ?? 0))))).toBeGreaterThan(
    1e-3 * scale,
  );
}

/** Two layers of a block between a stem and a classifier, so that its input and its output can be cut as well. */
function withBlock(source: (typeof EXAMPLES)[string][number], channels: number, stride: number): Graph {
  const builder = new GraphBuilder();
  const stem = builder.convolutionUnit(builder.input([20, 20, 3]), 16, 'relu', { kernel: 3 });
  const at = { classes: CLASSES, channels };
  const pools = ['fully-connected', 'classifier', 'convolution-classifier'].includes(source.type);
  const start = source.type === 'fully-connected' ? builder.globalAveragePool(stem) : stem;
  let node = builder.within('first', () => addBlock(builder, start, source, place({ ...at, stride })));
  if (source.type.endsWith('classifier')) return builder.build(node);
  node = builder.within('second', () => addBlock(builder, node, source, place(at)));
  return builder.build(builder.linear(pools ? node : builder.globalAveragePool(node), CLASSES));
}

const blocks = Object.values(EXAMPLES).flat();

describe.each(blocks.map((source) => [JSON.stringify(source), source] as const))('of %s', (name, source) => {
  const fixed = ['pool', 'identity'].includes(source.type);
  test.each([
    [16, 1],
    [24, 1],
    [24, 2],
  ])(
    'sliced it computes what it does with the channels zeroed: %d channels, stride %d',
    (channels, stride) => {
      checkLaw(withBlock(source, fixed ? 16 : channels, stride), `${name} ${channels} ${stride}`);
    },
  );
});

describe.each([...NETWORKS])('of %s', (name, architecture) => {
  test('sliced it computes what it does with the channels zeroed', () => {
    const graph = buildGraph(architecture, { width: 0.25, resolution: 64, classes: CLASSES });
    checkLaw(graph, name);
  });
});

test('what an optimiser keeps beside a weight is sliced as the weight is', () => {
  const builder = new GraphBuilder();
  const hidden = builder.convolution(builder.input([4, 4, 2]), 3);
  const graph = builder.build(builder.linear(builder.globalAveragePool(hidden), 2));
  const kept = [
    [0, 1],
    [0, 2],
    [0, 2],
    [0, 1],
  ];
  const tensors: Weights = new Map([
    ['1.weight', { shape: [1, 1, 2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['1.weight.velocity', { shape: [1, 1, 2, 3], data: Float32Array.of(10, 20, 30, 40, 50, 60) }],
    ['3.weight.square', { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['3.bias.average', { shape: [2], data: Float32Array.of(7, 8) }],
  ]);
  expect([...sliceWeights(graph, kept, tensors)]).toEqual([
    ['1.weight', { shape: [1, 1, 2, 2], data: Float32Array.of(1, 3, 4, 6) }],
    ['1.weight.velocity', { shape: [1, 1, 2, 2], data: Float32Array.of(10, 30, 40, 60) }],
    ['3.weight.square', { shape: [2, 2], data: Float32Array.of(1, 2, 5, 6) }],
    ['3.bias.average', { shape: [2], data: Float32Array.of(7, 8) }],
  ]);
});
