import { describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { deployedCosts } from '../../../src/flows/candidate.ts';
import { estimateLatency } from '../../../src/latency/estimate.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { sampleGenotype } from '../../../src/space/sample.ts';
import { NETWORKS, shipped } from '../../space/shipped.ts';
import { byComplaint, complaintOf, importedTable, mediansOf, readAs, sequence } from './reading.ts';

test('a layer is the kernels of our block, and takes what the file says', () => {
  const text = `
# measured on a phone
Conv-input:224x224x3-output:112x112x32:
  count: 50
  mean: 13.8
expanded_conv-input:112x112x32-output:112x112x16-expand:1-kernel:3-stride:1-idskip:0: {mean: 7.25}
expanded_conv-input:56x56x24-output:56x56x24-expand:6-kernel:5-stride:1-idskip:1:
  mean: 9
Logits-input:7x7x1280-output:1000:
    mean: 1.5e-1
`;
  expect(mediansOf(readAs('proxylessnas', text))).toEqual({
    '224x224x3 convolution 32 k3x3 s2x2 g1 same bias + relu6': 13.8,
    [sequence(
      '112x112x32 convolution 32 k3x3 s1x1 g32 same bias + relu6',
      '112x112x32 convolution 16 k1x1 s1x1 g1 same bias',
    )]: 7.25,
    [sequence(
      '56x56x24 convolution 144 k1x1 s1x1 g1 same bias + relu6',
      '56x56x144 convolution 144 k5x5 s1x1 g144 same bias + relu6',
      '56x56x144 convolution 24 k1x1 s1x1 g1 same bias',
      '56x56x24,56x56x24 add',
    )]: 9,
    [sequence('7x7x1280 global-average-pool', '1x1x1280 linear 1000 bias')]: 0.15,
  });
});

/** A table as the program that measured prints it: times that are sums of powers of two, so that none is lost. */
class Lines {
  readonly #lines: string[] = [];
  readonly times = new Map<string, number>();

  add(key: string): string {
    if (!this.times.has(key)) {
      this.times.set(key, 1 + this.times.size / 256);
      this.#lines.push(`${key}:\n  count: 9\n  mean: ${this.times.get(key)}\n`);
    }
    return key;
  }

  get text(): string {
    return this.#lines.join('');
  }

  sumOf(keys: readonly string[]): number {
    return keys.reduce((sum, key) => sum + (this.times.get(key) ?? Number.NaN), 0);
  }
}

test('MobileNetV2 takes what its layers take, by the table of its paper', () => {
  const lines = new Lines();
  const network = [lines.add('Conv-input:224x224x3-output:112x112x32')];
  let [pixels, channels] = [112, 32];
  // Expansion, channels, layers, stride: arXiv:1801.04381, table 2.
  for (const [expand, out, layers, first] of [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ] as const) {
    for (let i = 0; i < layers; i++) {
      const stride = i === 0 ? first : 1;
      const idskip = stride === 1 && channels === out ? 1 : 0;
      const input = `${pixels}x${pixels}x${channels}`;
      pixels /= stride;
      channels = out;
      network.push(
        lines.add(
          `expanded_conv-input:${input}-output:${pixels}x${pixels}x${out}-expand:${expand}-kernel:3-stride:${stride}-idskip:${idskip}`,
        ),
      );
    }
  }
  network.push(
    lines.add('Conv_1-input:7x7x320-output:7x7x1280'),
    lines.add('Logits-input:7x7x1280-output:1000'),
  );
  expect(network).toHaveLength(20);
  const imported = readAs('proxylessnas', lines.text);
  expect([imported.rows, imported.kernels.size, imported.sequences]).toEqual([15, 15, 13]);
  const graph = buildGraph(NETWORKS.get('mobilenet-v2')!);
  const { latencyMs, kernels } = estimateLatency(graph, importedTable(imported.kernels));
  expect(latencyMs).toBe(lines.sumOf(network));
  expect(kernels.reduce((sum, { count }) => sum + count, 0)).toBe(20);
});

test('MobileNetV3-Large takes what its layers take, from a table as those of Once-for-All', () => {
  const lines = new Lines();
  const network = [lines.add('Conv-input:224x224x3-output:112x112x16')];
  let [pixels, channels] = [112, 16];
  // Kernel, expanded channels, channels, SE, HS, stride: arXiv:1905.02244, table 1.
  for (const [kernel, expand, out, se, hs, stride] of [
    [3, 16, 16, 0, 0, 1],
    [3, 64, 24, 0, 0, 2],
    [3, 72, 24, 0, 0, 1],
    [5, 72, 40, 1, 0, 2],
    [5, 120, 40, 1, 0, 1],
    [5, 120, 40, 1, 0, 1],
    [3, 240, 80, 0, 1, 2],
    [3, 200, 80, 0, 1, 1],
    [3, 184, 80, 0, 1, 1],
    [3, 184, 80, 0, 1, 1],
    [3, 480, 112, 1, 1, 1],
    [3, 672, 112, 1, 1, 1],
    [5, 672, 160, 1, 1, 2],
    [5, 960, 160, 1, 1, 1],
    [5, 960, 160, 1, 1, 1],
  ] as const) {
    const input = `${pixels}x${pixels}x${channels}`;
    const idskip = stride === 1 && channels === out ? 1 : 0;
    pixels /= stride;
    channels = out;
    network.push(
      lines.add(
        `expanded_conv-input:${input}-output:${pixels}x${pixels}x${out}-expand:${expand}-kernel:${kernel}-stride:${stride}-idskip:${idskip}-se:${se}-hs:${hs}`,
      ),
    );
  }
  network.push(
    lines.add('Conv_1-input:7x7x160-output:7x7x960'),
    lines.add('AvgPool2D-input:7x7x960-output:1x1x960'),
    lines.add('Conv_2-input:1x1x960-output:1x1x1280'),
    lines.add('Logits-input:1x1x1280-output:1000'),
  );
  const { kernels } = readAs('proxylessnas', lines.text);
  const graph = buildGraph(NETWORKS.get('mobilenet-v3-large')!);
  expect(estimateLatency(graph, importedTable(kernels)).latencyMs).toBe(lines.sumOf(network));
});

test('the latency of a candidate, the sum of its stages, is that of the network as a whole', () => {
  const lines = new Lines();
  lines.add('Conv-input:224x224x3-output:112x112x32');
  const layer = (
    from: number,
    input: number,
    out: number,
    stride: number,
    skip: number,
    ks = [3, 5, 7],
    es = [3, 6],
  ) => {
    for (const kernel of ks) {
      for (const expand of es) {
        lines.add(
          `expanded_conv-input:${from}x${from}x${input}-output:${from / stride}x${from / stride}x${out}-expand:${expand}-kernel:${kernel}-stride:${stride}-idskip:${skip}`,
        );
      }
    }
  };
  layer(112, 32, 16, 1, 0, [3], [1]);
  let [pixels, channels] = [112, 16];
  for (const [out, stride] of [
    [24, 2],
    [40, 2],
    [80, 2],
    [96, 1],
    [192, 2],
    [320, 1],
  ] as const) {
    layer(pixels, channels, out, stride, 0);
    pixels /= stride;
    channels = out;
    layer(pixels, out, out, 1, 1);
  }
  lines.add('Conv_1-input:7x7x320-output:7x7x1280');
  lines.add('Logits-input:7x7x1280-output:1000');
  const space = shipped('proxyless');
  const table = importedTable(readAs('proxylessnas', lines.text).kernels);
  const deployed = deployedCosts(space, table);
  const rng = createRng('candidates');
  for (let i = 0; i < 50; i++) {
    const genotype = sampleGenotype(space.decisions, rng);
    const whole = estimateLatency(buildGraph(space.decode(genotype)), table);
    expect(deployed(genotype).latencyMs).toBe(whole.latencyMs);
    // The stem, the first block, from 6 to 21 layers, the last convolution and the classifier.
    const entries = whole.kernels.reduce((sum, { count }) => sum + count, 0);
    expect(entries).toBeGreaterThanOrEqual(10);
    expect(entries).toBeLessThanOrEqual(25);
  }
});

describe('an entry that cannot be understood is refused with its line', () => {
  const block = 'expanded_conv-input:56x56x24-output:56x56x24-expand:6-kernel:5-stride:1-idskip:1';
  test.each(
    byComplaint([
      [`\n\n${block}:\n  mean: fast`, "a:3: mean is 'fast'; expected a time above 0"],
      [`${block}: {mean: .nan}`, "a:1: mean is 'NaN'; expected a time above 0"],
      [`${block}: {mean: -1}`, "a:1: mean is '-1'; expected a time above 0"],
      [`${block}: {mean: .inf}`, "a:1: mean is 'Infinity'; expected a time above 0"],
      [`${block}: {mean: [1]}`, 'a:1: mean is a list; expected a number or a text'],
      [`${block}: {count: 3}`, 'a:1: no mean; expected a time above 0'],
      [`${block}: {mean: 1, mean: 2}`, 'a:1: no YAML (Map keys must be unique); expected a layer'],
      [
        `${block}: 3`,
        `a:1: '${block.slice(0, 57)}...' with something else; expected a layer with its 'mean'`,
      ],
      [
        `${block}-se:0: {mean: 1}`,
        `expected expanded_conv with input, output, expand, kernel, stride, idskip, each once`,
      ],
      [`${block}-idskip:1: {mean: 1}`, 'each once'],
      [`${block.replace('kernel:5', 'kernel:4')}: {mean: 1}`, 'a:1: kernel is 4; expected 1, 3, 5 or 7'],
      [`${block.replace('stride:1', 'stride:2')}: {mean: 1}`, 'a:1: idskip is 1; expected 0 where'],
      [`${block.replace('-kernel:5', '')}: {mean: 1}`, 'a:1: no kernel; expected a whole number'],
      [`${block.replace('24-exp', '32-exp')}: {mean: 1}`, 'a:1: idskip is 1; expected 0 where'],
      [
        'Conv-input:224x224x3-output:75x75x32: {mean: 1}',
        'a:1: output is 75x75x32; expected 224x224x32, by the input',
      ],
      [
        'Conv-input:224x224-output:112x112x32: {mean: 1}',
        "a:1: input is '224x224'; expected height x width x channels",
      ],
      [
        'Pool-input:7x7x8-output:1x1x8: {mean: 1}',
        "a:1: 'Pool-input:7x7x8-output:1x1x8'; expected a layer of the kind Conv",
      ],
      ['__proto__: {mean: 1}', "a:1: '__proto__'; expected a layer of the kind"],
      ['constructor: {mean: 1}', "a:1: 'constructor'; expected a layer of the kind"],
      ['x: &x [*x]', 'a:1: no YAML (Alias resolution is disabled)'],
      ['x: *y', 'a:1: no YAML'],
      ['- 1', 'a:1: '],
      ['\tx', 'a:1: no YAML'],
      [`x: ${'['.repeat(2000)}`, 'a:1: no YAML'],
      [`x: ${'"'.repeat(5000)}`, 'a:1: an entry of more than 4096 characters'],
      ['{}', 'a:1: no key; expected a layer'],
    ]),
  )('%s', (message, text) => {
    expect(complaintOf('proxylessnas', text)).toContain(message);
  });

  test('in a table as those of Once-for-All, a key that does not say se and hs', () => {
    const ofChannels = block.replace('expand:6', 'expand:144');
    const text = `${ofChannels}-se:0-hs:1: {mean: 1}\n${ofChannels}: {mean: 1}\n`;
    expect(complaintOf('proxylessnas', text)).toMatch(/^a:2: no hs; expected a whole number from 0 to 1/);
  });
});
