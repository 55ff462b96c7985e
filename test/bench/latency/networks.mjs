import { GraphBuilder } from '../../../dist/graph/graph.js';
import { roundChannels } from '../../../dist/graph/round-channels.js';

/** Stand-ins for the published networks, close in shape, for measuring alone. */

const CLASSES = 1000;

function build(resolution, body) {
  const builder = new GraphBuilder();
  return builder.build(body(builder, builder.input([resolution, resolution, 3])));
}

/** Expand, depthwise, squeeze-and-excitation if asked for, project, add where shapes agree. */
function invertedResidual(
  b,
  x,
  { expanded, channels, kernel = 3, stride = 1, activation = 'relu6', se = false },
) {
  let y = expanded === b.channelsOf(x) ? x : b.convolutionUnit(x, expanded, activation);
  y = b.convolutionUnit(y, expanded, activation, { kernel, stride, groups: expanded });
  if (se) {
    const pooled = b.globalAveragePool(y);
    const squeezed = b.activation(
      b.convolution(pooled, roundChannels(expanded / 4, 8), { bias: true }),
      'relu',
    );
    const gate = b.activation(b.convolution(squeezed, expanded, { bias: true }), 'hsigmoid');
    y = b.add({ kind: 'multiply' }, [y, gate]);
  }
  y = b.convolutionUnit(y, channels, 'linear');
  return stride === 1 && b.channelsOf(x) === channels ? b.add({ kind: 'add' }, [x, y]) : y;
}

export function mobileNetV1(resolution, width = 1) {
  const scaled = (channels) => roundChannels(channels * width, 8);
  return build(resolution, (b, input) => {
    let x = b.convolutionUnit(input, scaled(32), 'relu6', { kernel: 3, stride: 2 });
    const layers = [
      [64, 1],
      [128, 2],
      [128, 1],
      [256, 2],
      [256, 1],
      [512, 2],
      ...Array(5).fill([512, 1]),
      [1024, 2],
      [1024, 1],
    ];
    for (const [channels, stride] of layers) {
      x = b.convolutionUnit(x, b.channelsOf(x), 'relu6', { kernel: 3, stride, groups: b.channelsOf(x) });
      x = b.convolutionUnit(x, scaled(channels), 'relu6');
    }
    return b.linear(b.globalAveragePool(x), CLASSES);
  });
}

export function mobileNetV2(resolution, width = 1) {
  const scaled = (channels) => roundChannels(channels * width, 8);
  return build(resolution, (b, input) => {
    let x = b.convolutionUnit(input, scaled(32), 'relu6', { kernel: 3, stride: 2 });
    for (const [expansion, channels, repeats, stride] of [
      [1, 16, 1, 1],
      [6, 24, 2, 2],
      [6, 32, 3, 2],
      [6, 64, 4, 2],
      [6, 96, 3, 1],
      [6, 160, 3, 2],
      [6, 320, 1, 1],
    ]) {
      for (let i = 0; i < repeats; i++) {
        x = invertedResidual(b, x, {
          expanded: b.channelsOf(x) * expansion,
          channels: scaled(channels),
          stride: i === 0 ? stride : 1,
        });
      }
    }
    x = b.convolutionUnit(x, width > 1 ? scaled(1280) : 1280, 'relu6');
    return b.linear(b.globalAveragePool(x), CLASSES);
  });
}

const V3_LARGE = [
  [3, 16, 16, false, 'relu', 1],
  [3, 64, 24, false, 'relu', 2],
  [3, 72, 24, false, 'relu', 1],
  [5, 72, 40, true, 'relu', 2],
  [5, 120, 40, true, 'relu', 1],
  [5, 120, 40, true, 'relu', 1],
  [3, 240, 80, false, 'hswish', 2],
  [3, 200, 80, false, 'hswish', 1],
  [3, 184, 80, false, 'hswish', 1],
  [3, 184, 80, false, 'hswish', 1],
  [3, 480, 112, true, 'hswish', 1],
  [3, 672, 112, true, 'hswish', 1],
  [5, 672, 160, true, 'hswish', 2],
  [5, 960, 160, true, 'hswish', 1],
  [5, 960, 160, true, 'hswish', 1],
];
const V3_SMALL = [
  [3, 16, 16, true, 'relu', 2],
  [3, 72, 24, false, 'relu', 2],
  [3, 88, 24, false, 'relu', 1],
  [5, 96, 40, true, 'hswish', 2],
  [5, 240, 40, true, 'hswish', 1],
  [5, 240, 40, true, 'hswish', 1],
  [5, 120, 48, true, 'hswish', 1],
  [5, 144, 48, true, 'hswish', 1],
  [5, 288, 96, true, 'hswish', 2],
  [5, 576, 96, true, 'hswish', 1],
  [5, 576, 96, true, 'hswish', 1],
];

function mobileNetV3(resolution, layers, last, features) {
  return build(resolution, (b, input) => {
    let x = b.convolutionUnit(input, 16, 'hswish', { kernel: 3, stride: 2 });
    for (const [kernel, expanded, channels, se, activation, stride] of layers) {
      x = invertedResidual(b, x, { expanded, channels, kernel, stride, activation, se });
    }
    x = b.globalAveragePool(b.convolutionUnit(x, last, 'hswish'));
    return b.linear(b.activation(b.linear(x, features), 'hswish'), CLASSES);
  });
}

export const mobileNetV3Large = (resolution) => mobileNetV3(resolution, V3_LARGE, 960, 1280);
export const mobileNetV3Small = (resolution) => mobileNetV3(resolution, V3_SMALL, 576, 1024);
