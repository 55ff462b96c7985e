import { describe, expect, test } from 'vitest';
import { type Cost, graphCost } from '../../src/graph/cost.ts';
import { fuse } from '../../src/graph/fusion.ts';
import { type BuildOptions, buildGraph } from '../../src/space/network.ts';
import { NETWORKS } from '../space/shipped.ts';

const build = (name: string, options: BuildOptions = {}) => buildGraph(NETWORKS.get(name)!, options);
const costOf = (name: string, options: BuildOptions = {}): Cost => graphCost(build(name, options));
const kernelsOf = (name: string, options: BuildOptions = {}): readonly string[] =>
  fuse(build(name, options)).map(({ kernel }) => kernel.signature);

/** `value` in millions, rounded to as many decimals as `printed` has. */
const asPrinted = (value: number, printed: string): string =>
  (value / 1e6).toFixed(printed.split('.')[1]?.length ?? 0);

test('a file is named after its network', () => {
  for (const [name, network] of NETWORKS) expect(network.name).toBe(name);
});

describe('exact costs', () => {
  test.each([
    ['vgg16', 138_357_544, 15_470_264_320],
    ['mobilenet-v1', 4_231_976, 568_740_352],
    ['mobilenet-v2', 3_504_872, 300_774_272],
    ['mobilenet-v3-large', 5_483_032, 216_589_760],
    ['mobilenet-v3-small', 2_542_856, 56_510_400],
    ['mnasnet-a1', 3_887_038, 311_579_072],
    ['shufflenet-v2', 2_278_604, 144_907_992],
    ['squeezenet-1.0', 1_248_424, 818_924_576],
    ['espnetv2', 1_664_432, 85_357_312],
    // Counted from the layers that the authors of SqueezeNext released.
    ['squeezenext-1.0-23', 718_280, 277_999_808],
    ['squeezenext-1.0-23v5', 931_016, 224_916_480],
    ['squeezenext-2.0-23', 2_362_728, 742_070_464],
  ])('%s', (name, params, macs) => {
    expect(costOf(name)).toEqual({ params, macs });
  });

  test.each([
    ['mobilenet-v1', 0.5, 1_331_592],
    ['mnasnet-b1', 0.5, 2_218_512],
    ['mnasnet-b1', 0.75, 3_170_208],
    ['mnasnet-b1', 1, 4_383_312],
    ['mnasnet-b1', 1.3, 6_282_256],
    ['mnasnet-small', 1, 2_030_264],
    ['shufflenet-v1-g3', 1, 1_865_728],
    ['shufflenet-v2', 0.5, 1_366_792],
    ['shufflenet-v2', 1.5, 3_503_624],
    ['shufflenet-v2', 2, 7_393_996],
    ['squeezenet-1.1', 1, 1_235_496],
    ['efficientnet-b0', 1, 5_288_548],
    ['fbnet-c', 1, 5_572_200],
  ])('parameters of %s at width %d', (name, width, params) => {
    expect(costOf(name, { width }).params).toBe(params);
  });
});

/** Millions as the papers print them. */
describe('printed costs', () => {
  test.each([
    // MobileNetV1, tables 6 and 7
    ['mobilenet-v1', 1, 224, '4.2', '569'],
    ['mobilenet-v1', 0.75, 224, '2.6', '325'],
    ['mobilenet-v1', 0.5, 224, '1.3', '149'],
    ['mobilenet-v1', 0.25, 224, '0.5', '41'],
    ['mobilenet-v1', 1, 192, '4.2', '418'],
    ['mobilenet-v1', 1, 128, '4.2', '186'],
    // MobileNetV2's authors print these with their released networks.
    ['mobilenet-v2', 1.4, 224, '6.1', '582'],
    ['mobilenet-v2', 0.75, 224, '2.6', '209'],
    ['mobilenet-v2', 0.5, 224, '2.0', '97'],
    ['mobilenet-v2', 0.35, 224, '1.7', '59'],
    ['mobilenet-v3-large', 0.75, 224, '4.0', '155'],
    // MnasNet, table 1
    ['mnasnet-a1', 1, 224, '3.9', '312'],
    // GhostNet, table 7
    ['ghostnet-1.0', 0.5, 224, '2.6', '42'],
    ['ghostnet-1.0', 1, 224, '5.2', '141'],
    ['ghostnet-1.0', 1.3, 224, '7.3', '226'],
  ])('%s at width %d, resolution %d', (name, width, resolution, params, macs) => {
    const cost = costOf(name, { width, resolution });
    expect([asPrinted(cost.params, params), asPrinted(cost.macs, macs)]).toEqual([params, macs]);
  });

  // Table 1 agrees to the million with the costs without the classifier.
  test.each([
    [1, 144, 143],
    [2, 200, 140],
    [3, 240, 137],
    [4, 272, 133],
    [8, 384, 137],
  ])('ShuffleNetV1 with %d groups', (groups, channels, millions) => {
    const classifier = 4 * channels * 1000;
    expect(Math.round((costOf(`shufflenet-v1-g${groups}`).macs - classifier) / 1e6)).toBe(millions);
  });

  // Here the papers round or count otherwise, by up to this part.
  test.each([
    ['mobilenet-v1', 1, 160, 290, 0.003],
    ['mnasnet-b1', 1, 224, 315, 0.002],
    ['efficientnet-b0', 1, 224, 390, 0.012],
    ['fbnet-c', 1, 224, 375, 0.028],
    ['shufflenet-v1-g3', 0.5, 224, 38, 0.013],
    ['shufflenet-v2', 0.5, 224, 41, 0.013],
    ['shufflenet-v2', 1, 224, 146, 0.008],
    ['shufflenet-v2', 1.5, 224, 299, 0.011],
    ['shufflenet-v2', 2, 224, 591, 0.014],
  ])('%s at width %d, resolution %d is about %d M', (name, width, resolution, millions, part) => {
    const { macs } = costOf(name, { width, resolution });
    expect(Math.abs(macs / (millions * 1e6) - 1)).toBeLessThan(part);
  });
});

/**
 * The authors of ESPNetV2 print millions with their released networks, cut off and not rounded: parameters, and
 * multiply-accumulates without those of the classifier.
 */
test.each([
  [0.5, 1024, 1.24, 28.37],
  [1, 1024, 1.67, 85.72],
  [1.25, 1024, 1.96, 123.39],
  [1.5, 1024, 2.31, 168.6],
  [2, 1280, 3.49, 284.8],
])(
  'ESPNetV2 of width %d is the printed one without the shortcuts from the image',
  (width, last, params, macs) => {
    const strided = [64, 128, 256, 512].map((channels) => channels * width);
    // To the fourth unit their network leads no shortcut but has its weights; and each unit has slopes never used.
    const [shortcuts, weights] = strided.reduce(
      ([sum, held], channels, unit) => [
        sum + (unit < 3 ? (81 + 3 * channels) * (56 >> unit) ** 2 : 0),
        held + 90 + 5 * channels,
      ],
      [0, 0],
    );
    const unused = 512 * width - Math.min(32, 32 * width);
    const cost = costOf('espnetv2', { width });
    const inMillions = (value: number): number => Math.floor(value / 1e4) / 100;
    expect(inMillions(cost.params + weights + unused)).toBe(params);
    expect(inMillions(cost.macs + shortcuts - last * 1000)).toBe(macs);
  },
);

test('twice as wide, SqueezeNext 1.0-23 is 2.0-23', () => {
  expect(kernelsOf('squeezenext-1.0-23', { width: 2 })).toEqual(kernelsOf('squeezenext-2.0-23'));
});

test('the resolution leaves the parameters of networks that pool at the end', () => {
  for (const name of ['mobilenet-v1', 'squeezenet-1.1', 'shufflenet-v2', 'ghostnet-1.0']) {
    expect(costOf(name, { resolution: 160 }).params).toBe(costOf(name).params);
  }
});

describe.each([...NETWORKS.keys()])('%s', (name) => {
  test.each([0.25, 0.5, 1.3])('can be built for ten classes at width %d and 32×32 pixels', (width) => {
    expect(build(name, { width, resolution: 32, classes: 10 }).nodes.at(-1)?.shape).toEqual([1, 1, 10]);
  });

  test('can be built with fewer strides', () => {
    const options = { width: 0.5, resolution: 32, classes: 10, dropEarlyStrides: 1 };
    expect(build(name, options).nodes.at(-1)?.shape).toEqual([1, 1, 10]);
  });
});
