import { describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { type Graph, GraphBuilder } from '../../../src/graph/graph.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { softmaxCrossEntropy } from '../../../src/trainers/embedded/loss.ts';
import { createNetwork } from '../../../src/trainers/embedded/network.ts';
import type { Parameter } from '../../../src/trainers/embedded/parameters.ts';
import { createRuntime } from '../../../src/trainers/embedded/runtime.ts';
import { EXAMPLES } from '../../blocks/examples.ts';
import { addBlock, place } from '../../blocks/lower.ts';
import { NETWORKS } from '../../space/shipped.ts';

/** No multiples of 4, so that there is padding; four groups or branches of channels need one. */
const CLASSES = 10;
const CHANNELS = 6;
const CHANNELS_OF_FOURS = 12;
const STEPS = 3;
const LABELS = [0, 3, 9, 5];

const runtime = createRuntime();

/** The gradients in the padding of parameters after some steps, that are not 0. */
function gradientsOfPadding(graph: Graph): readonly string[] {
  const rng = createRng('padding');
  const network = createNetwork(runtime, graph, { batchSize: LABELS.length, rng });
  const { input, output, outputGradient, parameters } = network;
  const pixels = runtime.floats(input.value, input.floats);
  const logits = runtime.floats(output.value, output.floats);
  const gradient = runtime.floats(outputGradient, output.floats);
  for (let step = 0; step < STEPS; step++) {
    for (let i = 0; i < pixels.length; i++) if (i % input.stride < input.channels) pixels[i] = rng.normal();
    network.forward({ training: true, statisticsMomentum: 0.1 });
    softmaxCrossEntropy(logits, output, LABELS, 0.1, gradient);
    network.backward();
    network.update({ learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 });
  }
  return parameters.filter(hasPaddedGradient).map(({ node, role }) => `${graph.nodes[node]?.name}.${role}`);
}

function hasPaddedGradient({ gradient, floats, dimensions, placeOf }: Parameter): boolean {
  if (gradient === 0) return false;
  const count = dimensions.reduce((product, size) => product * size, 1);
  const places = new Set(Array.from({ length: count }, (_, index) => placeOf(index)));
  return runtime.floats(gradient, floats).some((value, place) => value !== 0 && !places.has(place));
}

describe('what pads channels to whole vectors has no gradient, in a memory that gradients take turns in', () => {
  test.each(Object.entries(EXAMPLES))('in blocks: %s', (type, examples) => {
    for (const source of examples) {
      const channels = source.groups === 4 || type === 'eesp' ? CHANNELS_OF_FOURS : CHANNELS;
      const graph = new GraphBuilder();
      const stem = graph.convolutionUnit(graph.input([9, 9, 3]), channels, 'relu', { kernel: 3 });
      const at = place({ channels, classes: CLASSES, round: Math.round });
      const block = addBlock(graph, stem, source, at);
      const logits = type.endsWith('classifier')
        ? block
        : graph.linear(graph.globalAveragePool(block), CLASSES);
      expect(gradientsOfPadding(graph.build(logits)), JSON.stringify(source)).toEqual([]);
    }
  });

  test.each([...NETWORKS])('in networks: %s', (name, architecture) => {
    const width = name.startsWith('vgg') ? 1 / 16 : 1 / 4;
    const size = { width, resolution: 24, dropEarlyStrides: 2, classes: CLASSES };
    expect(gradientsOfPadding(buildGraph(architecture, size))).toEqual([]);
  });
});
