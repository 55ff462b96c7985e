// Four networks as a search trains them: MobileNet-like children at proxy size, from a small one to a large; and a
// published one as it is trained in full.
import { resolveNetwork } from '../../../dist/cli/networks.js';
import { GraphBuilder } from '../../../dist/graph/graph.js';
import { buildGraph } from '../../../dist/space/network.js';

/** Inverted bottlenecks (MobileNetV3) between a 3x3 stem and a head of 128 channels. */
function child({ size, stem, stemStride, blocks }) {
  const graph = new GraphBuilder();
  let at = graph.convolutionUnit(graph.input([size, size, 3]), stem, 'relu', {
    kernel: 3,
    stride: stemStride,
  });
  for (const block of blocks) at = bottleneck(graph, at, block);
  at = graph.globalAveragePool(graph.convolutionUnit(at, 128, 'relu'));
  return graph.build(graph.linear(at, 10));
}

function bottleneck(
  graph,
  input,
  { kernel, stride = 1, expansion, channels, squeeze = 0, activation = 'relu' },
) {
  const inputs = graph.channelsOf(input);
  const middle = inputs * expansion;
  let at = expansion === 1 ? input : graph.convolutionUnit(input, middle, activation);
  at = graph.convolutionUnit(at, middle, activation, { kernel, stride, groups: middle });
  if (squeeze > 0) {
    const hidden = graph.convolution(graph.globalAveragePool(at), Math.floor(middle * squeeze), {
      bias: true,
    });
    const gate = graph.convolution(graph.activation(hidden, 'relu'), middle, { bias: true });
    at = graph.add({ kind: 'multiply' }, [at, graph.activation(gate, 'hsigmoid')]);
  }
  at = graph.batchNorm(graph.convolution(at, channels));
  return stride === 1 && inputs === channels ? graph.add({ kind: 'add' }, [input, at]) : at;
}

export const NETWORKS = {
  small: child({
    size: 16,
    stem: 8,
    stemStride: 1,
    blocks: [
      { kernel: 3, expansion: 1, channels: 8 },
      { kernel: 3, stride: 2, expansion: 3, channels: 16 },
      { kernel: 5, stride: 2, expansion: 3, channels: 24, squeeze: 0.25, activation: 'hswish' },
      { kernel: 3, expansion: 3, channels: 24 },
    ],
  }),
  medium: child({
    size: 16,
    stem: 16,
    stemStride: 1,
    blocks: [
      { kernel: 3, expansion: 1, channels: 16 },
      { kernel: 3, stride: 2, expansion: 3, channels: 24 },
      { kernel: 5, expansion: 3, channels: 24, activation: 'hswish' },
      { kernel: 5, stride: 2, expansion: 3, channels: 40, squeeze: 0.25, activation: 'hswish' },
      { kernel: 3, expansion: 6, channels: 40, squeeze: 0.25, activation: 'hswish' },
    ],
  }),
  large: child({
    size: 32,
    stem: 16,
    stemStride: 2,
    blocks: [
      { kernel: 3, expansion: 3, channels: 16 },
      { kernel: 5, stride: 2, expansion: 3, channels: 24 },
      { kernel: 5, expansion: 6, channels: 24 },
      { kernel: 3, stride: 2, expansion: 6, channels: 40, squeeze: 0.25, activation: 'hswish' },
      { kernel: 3, expansion: 6, channels: 40, squeeze: 0.25, activation: 'hswish' },
    ],
  }),
  largest: child({
    size: 32,
    stem: 16,
    stemStride: 2,
    blocks: [
      { kernel: 3, expansion: 3, channels: 16 },
      { kernel: 3, expansion: 3, channels: 16 },
      { kernel: 5, stride: 2, expansion: 6, channels: 24, squeeze: 0.25 },
      { kernel: 5, expansion: 6, channels: 24, squeeze: 0.25 },
      { kernel: 3, stride: 2, expansion: 6, channels: 56, activation: 'hswish' },
      { kernel: 3, expansion: 6, channels: 56, activation: 'hswish' },
      { kernel: 5, expansion: 6, channels: 64, activation: 'hswish' },
    ],
  }),
  // Half the width of MobileNetV2 on images of 32×32, with all strides but the first.
  v2_half: buildGraph(resolveNetwork('mobilenet-v2'), {
    ...{ width: 0.5, resolution: 32, classes: 10, dropEarlyStrides: 1 },
  }),
};
