import { describe, expect, test } from 'vitest';
import { distinctKernels } from '../../../src/graph/fusion.ts';
import { estimateLatency } from '../../../src/latency/estimate.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { NETWORKS } from '../../space/shipped.ts';
import { byComplaint, complaintOf, importedTable, mediansOf, readAs, sequence } from './reading.ts';

type Config = Readonly<Record<string, number>>;

/** A file as nn-Meter's builder prints it, with everything in it. */
const file = (kernels: Readonly<Record<string, readonly (readonly [Config, unknown])[]>>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(kernels).map(([kind, all]) => [
        kind,
        Object.fromEntries(
          all.map(([config, latency], i) => [
            `K${i}`,
            { model: `${kind}_${i}`, shapes: [[1, 1, 1]], config, latency },
          ]),
        ),
      ]),
    ),
    null,
    4,
  );

const conv = { HW: 28, CIN: 16, COUT: 24, KERNEL_SIZE: 3, STRIDES: 2 };
const map = { HW: 14, CIN: 16 };

test('a kernel is ours, and takes the mean that the file says', () => {
  const text = file({
    'conv-bn-relu': [[conv, '37.5 +- 0.314']],
    'conv-block': [[{ ...conv, KERNEL_SIZE: 11, STRIDES: 4 }, '1.5 +- 0.0']],
    'dwconv-bn-relu6': [[{ ...conv, COUT: 16 }, '2.5 +- 1.0']],
    'dwconv-hswish': [[{ HW: 28, CIN: 16, KERNEL_SIZE: 5, STRIDES: 1 }, 0.5]],
    maxpool: [[{ ...map, COUT: 16, KERNEL_SIZE: 3, POOL_STRIDES: 2 }, '3 +- 1']],
    avgpool: [[{ ...map, COUT: 16, KERNEL_SIZE: 2, STRIDES: 2 }, '4 +- 1']],
    fc: [[{ CIN: 16, COUT: 10 }, '5 +- 1']],
    concat: [[{ HW: 14, CIN1: 8, CIN2: 16, CIN3: 24, CIN4: 0 }, '6 +- 1']],
    split: [[map, '7 +- 1']],
    channelshuffle: [[map, '8 +- 1']],
    se: [[{ HW: 14, CIN: 72 }, '9 +- 1']],
    'global-avgpool': [[map, '10 +- 1']],
    bnrelu: [[map, '11 +- 1']],
    bn: [[map, '12 +- 1']],
    hswish: [[map, '13 +- 1']],
    swish: [[map, '13.5 +- 1']],
    relu: [[map, '14 +- 1']],
    addrelu: [[map, '15 +- 1']],
    add: [[map, '16 +- 1']],
  });
  expect(mediansOf(readAs('nn-meter', text))).toEqual({
    '28x28x16 convolution 24 k3x3 s2x2 g1 same bias + relu': 37.5,
    '28x28x16 convolution 24 k11x11 s4x4 g1 same bias': 1.5,
    '28x28x16 convolution 16 k3x3 s2x2 g16 same bias + relu6': 2.5,
    '28x28x16 convolution 16 k5x5 s1x1 g16 same bias + hswish': 0.5,
    '14x14x16 max-pool k3x3 s2x2 same': 3,
    '14x14x16 average-pool k2x2 s2x2 same': 4,
    '1x1x16 linear 10 bias': 5,
    '14x14x8,14x14x16,14x14x24 concat': 6,
    [sequence('14x14x16 channel-split 0+8', '14x14x16 channel-split 8+8')]: 7,
    '14x14x16 channel-shuffle 2': 8,
    [sequence(
      '14x14x72 global-average-pool',
      '1x1x72 linear 18 bias + relu',
      '1x1x18 linear 72 bias + hsigmoid',
      '14x14x72,1x1x72 multiply',
    )]: 9,
    '14x14x16 global-average-pool': 10,
    '14x14x16 batch-norm + relu': 11,
    '14x14x16 batch-norm': 12,
    '14x14x16 hswish': 13,
    '14x14x16 swish': 13.5,
    '14x14x16 relu': 14,
    '14x14x16,14x14x16 add + relu': 15,
    '14x14x16,14x14x16 add': 16,
  });
});

test('configurations and latencies may be in files of their own, in any order', () => {
  const configs =
    '{"fc": {"A": {"config": {"CIN": 8, "COUT": 10}}, "B": {"config": {"CIN": 9, "COUT": 10}}}}';
  const latencies = '{"fc": {"B": {"latency": "2 +- 0"}, "A": {"latency": "1 +- 0"}}}';
  const expected = { '1x1x8 linear 10 bias': 1, '1x1x9 linear 10 bias': 2 };
  expect(mediansOf(readAs('nn-meter', [configs, latencies]))).toEqual(expected);
  expect(mediansOf(readAs('nn-meter', [latencies, configs]))).toEqual(expected);
});

test('kernels that are one when batch-norm is folded have the median of their times', () => {
  const text = file({
    'conv-bn': [
      [conv, '3 +- 0.1'],
      [conv, '5 +- 0.1'],
    ],
    'conv-block': [[conv, '4 +- 0.1']],
  });
  expect(mediansOf(readAs('nn-meter', text))).toEqual({
    '28x28x16 convolution 24 k3x3 s2x2 g1 same bias': 4,
  });
});

test('MobileNetV2 takes what its kernels take', () => {
  const graph = buildGraph(NETWORKS.get('mobilenet-v2')!);
  const kernels: Record<string, [Config, string][]> = {};
  const times = new Map<string, number>();
  for (const { signature, inputs, ops } of distinctKernels([graph])) {
    const [{ 0: HW, 2: CIN } = [0, 0, 0]] = inputs;
    const [op, activation] = ops;
    times.set(signature, 1 + times.size / 64);
    const kindAndConfig = (): [string, Config] => {
      if (op?.kind === 'convolution') {
        const sizes = { COUT: op.channels, KERNEL_SIZE: op.kernel[0], STRIDES: op.stride[0] };
        const kind = op.groups === 1 ? 'conv-bn' : 'dwconv-bn';
        return [activation === undefined ? kind : `${kind}-relu6`, { HW, CIN, ...sizes }];
      }
      if (op?.kind === 'linear') return ['fc', { CIN, COUT: op.channels }];
      return [op?.kind === 'add' ? 'add' : 'global-avgpool', { HW, CIN }];
    };
    const [kind, config] = kindAndConfig();
    kernels[kind] = [...(kernels[kind] ?? []), [config, `${times.get(signature)} +- 0.1`]];
  }
  expect(Object.keys(kernels)).toHaveLength(6);
  const imported = readAs('nn-meter', file(kernels));
  expect(mediansOf(imported)).toEqual(Object.fromEntries(times));
  const { latencyMs, kernels: shares } = estimateLatency(graph, importedTable(imported.kernels));
  expect(latencyMs).toBe(
    shares.reduce((sum, { count, signature }) => sum + count * times.get(signature)!, 0),
  );
});

describe('a kernel that cannot be understood is refused with its place', () => {
  const one = (kind: string, config: unknown, latency: unknown = '1 +- 0') =>
    JSON.stringify({ [kind]: { A: { config, latency } } });
  test.each(
    byComplaint([
      [
        one('conv-bn-relu', { ...conv, COUT: undefined }),
        'a: conv-bn-relu.A.config: no COUT; expected a whole number',
      ],
      [
        one('conv-bn-relu', { ...conv, STRIDES: 0 }),
        "a: conv-bn-relu.A.config: STRIDES is '0'; expected a whole number from 1 on",
      ],
      [one('conv-bn-relu', { ...conv, HW: 1e9 }), "a: conv-bn-relu.A.config: HW is '1000000000'"],
      [one('conv-bn-relu', { ...conv, HW: [28] }), 'a: conv-bn-relu.A.config: HW is a list'],
      [one('dwconv-bn', conv), 'a: dwconv-bn.A.config: COUT is not CIN; expected one number for both'],
      [one('conv', conv), "a: conv.A: a kernel of the kind 'conv'; expected conv-bn-relu and the like"],
      [one('__proto__x', conv), "a: __proto__x.A: a kernel of the kind '__proto__x'"],
      [
        '{"__proto__": {"A": {"config": {}, "latency": 1}}}',
        "a: __proto__.A: a kernel of the kind '__proto__'",
      ],
      [
        '{"constructor": {"A": {"config": {}, "latency": 1}}}',
        "a: constructor.A: a kernel of the kind 'constructor'",
      ],
      [one('fc', { CIN: 8, COUT: 10 }, 'fast'), "a: fc.A: latency is 'fast'; expected a mean above 0"],
      [
        one('fc', { CIN: 8, COUT: 10 }, '0.0 +- 0'),
        "a: fc.A: latency is '0.0 +- 0'; expected a mean above 0",
      ],
      [one('fc', { CIN: 8, COUT: 10 }, '-1 +- 0'), "a: fc.A: latency is '-1 +- 0'"],
      [one('fc', { CIN: 8, COUT: 10 }, 'nan +- nan'), "a: fc.A: latency is 'nan +- nan'"],
      [one('fc', { CIN: 8, COUT: 10 }, '1 +- 2 +- 3'), "a: fc.A: latency is '1 +- 2 +- 3'"],
      [one('fc', { CIN: 8, COUT: 10 }, null), 'a: fc.A: no latency; expected both'],
      [one('fc', undefined), 'a: fc.A: no config; expected both'],
      [one('split', { HW: 8, CIN: 9 }), 'a: split.A.config: CIN is 9; expected an even number'],
      [
        one('concat', { HW: 8, CIN1: 9, CIN2: 0 }),
        'a: concat.A.config: concat: concat has 1 inputs; expected two or more',
      ],
      ['{"fc": {"A": 3}}', 'a: fc.A: no config; expected both'],
      ['{"fc": [3]}', 'a: fc: something else than an object'],
      ['[]', 'a: something else than an object'],
      ['{"fc": {"A": {"latency": NaN}}}', 'a: not JSON'],
      [
        `{"fc": {"A": {"latency": "1 +- 0", "config": ${'['.repeat(50_000)}${']'.repeat(50_000)}}}}`,
        'a: lists and objects inside each other, more than 200 deep',
      ],
    ]),
  )('%s', (message, text) => {
    expect(complaintOf('nn-meter', text)).toContain(message);
  });
});
