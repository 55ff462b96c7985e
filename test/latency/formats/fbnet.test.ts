import { describe, expect, test } from 'vitest';
import { estimateLatency } from '../../../src/latency/estimate.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { NETWORKS } from '../../space/shipped.ts';
import { byComplaint, complaintOf, importedTable, mediansOf, readAs, sequence } from './reading.ts';

const candidate = (expanded: number, groups = 1): string =>
  sequence(
    `28x28x16 convolution ${expanded} k1x1 s1x1 g${groups} same bias + relu`,
    ...(groups === 1 ? [] : [`28x28x${expanded} channel-shuffle ${groups}`]),
    `28x28x${expanded} convolution ${expanded} k3x3 s2x2 g${expanded} same bias + relu`,
    `14x14x${expanded} convolution 24 k1x1 s1x1 g${groups} same bias`,
  );

test('a block is the kernels of our block, and takes what the file says', () => {
  const text = `op,input,channels,stride,latency_us
ir_k3_e6,28x28x16,24,2,4500
k3_e1,28x28x16,24,2,1500
ir_k3_s2,28x28x16,24,2,900
k3_e4_g4,28x28x16,24,2,3000
skip,28x28x16,24,2,250
skip,28x28x16,16,1,1.2
conv_k1,7x7x352,1984,1,2000
logits,7x7x1984,1000,1,1000
`;
  const imported = readAs('fbnet', text);
  expect([imported.rows, imported.kernels.size, imported.empty]).toEqual([8, 7, 1]);
  expect(mediansOf(imported)).toEqual({
    [candidate(96)]: 4.5,
    [candidate(16)]: 1.5,
    [candidate(16, 2)]: 0.9,
    [candidate(64, 4)]: 3,
    '28x28x16 convolution 24 k1x1 s2x2 g1 same bias + relu': 0.25,
    '7x7x352 convolution 1984 k1x1 s1x1 g1 same bias + relu': 2,
    [sequence('7x7x1984 global-average-pool', '1x1x1984 linear 1000 bias')]: 1,
  });
});

test('the columns have other names, and JSON has them too', () => {
  const csv = `Block Type,H,W,C_in,c_out,Kernel Size,expand_ratio,group,stride,act,latency
ir,28,28,16,24,3,6,1,2,relu,4.5
avgpool,7,7,24,24,,,,,,0.5
fc,1,1,24,10,,,,,,0.25
`;
  const json = JSON.stringify([
    { op: 'ir_k3', input: '28x28x16', channels: 24, expansion: 6, stride: 2, latency_ms: 4.5 },
    { op: 'avgpool', size: 7, c_in: 24, channels: 24, latency_us: 500 },
    { op: 'fc', input: '1x1x24', channels: 10, latency_s: 0.00025 },
  ]);
  const expected = {
    [candidate(96)]: 4.5,
    '7x7x24 global-average-pool': 0.5,
    '1x1x24 linear 10 bias': 0.25,
  };
  expect(mediansOf(readAs('fbnet', csv, 'ms'))).toEqual(expected);
  expect(mediansOf(readAs('fbnet', json))).toEqual(expected);
});

test('a block that was measured at several places has the median of its times', () => {
  const row = (us: number): string => `ir_k3_e6,28x28x16,24,2,${us}\n`;
  const text = `op,input,channels,stride,latency_us\n${[4400, 4600, 9000].map(row).join('')}`;
  const { kernels, repeated } = readAs('fbnet', text);
  expect(repeated).toBe(2);
  expect([...kernels.values()]).toEqual([
    {
      ...{ signature: candidate(96), medianMs: 4.6, madMs: null, p10Ms: null, p90Ms: null },
      ...{ warmMs: null, samples: null, rejected: null },
    },
  ]);
});

test('FBNet-C takes what its blocks take', () => {
  const network = NETWORKS.get('fbnet-c')!;
  let [pixels, channels] = [network.resolution, 3];
  let total = 0;
  const rows = network.stages.flatMap(({ block, channels: out = channels, stride, repeat }) =>
    Array.from({ length: repeat }, (_, i) => {
      const op =
        block.type === 'inverted-residual'
          ? `ir_k${block.kernel}_e${block.expansion}`
          : block.type === 'convolution'
            ? `conv_k${block.kernel}`
            : 'logits';
      const classes = block.type === 'classifier' ? network.classes : out;
      const now = i === 0 ? stride : 1;
      const place = [op, `${pixels}x${pixels}x${channels}`, classes, now].join();
      // The same place always takes the same time, told by its text.
      const ms = [...place].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) / 64;
      pixels = Math.ceil(pixels / now);
      channels = out;
      total += ms;
      return `${place},${ms}`;
    }),
  );
  expect(rows.length).toBeGreaterThan(20);
  const { kernels } = readAs('fbnet', `op,input,channels,stride,latency_ms\n${rows.join('\n')}`);
  expect(estimateLatency(buildGraph(network), importedTable(kernels)).latencyMs).toBe(total);
});

describe('a row that cannot be understood is refused with its line and its column', () => {
  const header = 'op,input,channels,stride,latency_ms\n';
  test.each(
    byComplaint([
      [`${header}ir_k3_e6,28x28x16,24,2,fast`, "a:2: latency_ms is 'fast'; expected a time above 0"],
      [`${header}ir_k3_e6,28x28x16,24,2,0`, "a:2: latency_ms is '0'; expected a time above 0"],
      [`${header}ir_k3_e6,28x28x16,24,2,`, 'a:2: no latency; expected a time above 0'],
      [
        `${header}ir_k3,28x28x16,24,2,1`,
        "a:2: no expansion; expected its expansion, in the op's name or a column",
      ],
      [`${header}ir_k4_e6,28x28x16,24,2,1`, 'a:2: kernel is 4; expected 1, 3, 5 or 7'],
      [`${header}ir_k3_e6_se,28x28x16,24,2,1`, "a:2: op has 'se' in it; expected k, e, g or s with a number"],
      [`${header}mix_k3,28x28x16,24,2,1`, "a:2: op is 'mix_k3'; expected ir_k3_e6 and the like, conv, skip"],
      [
        `${header}ir_k3_e1_g3,28x28x16,24,2,1`,
        'a:2: expand.convolution: convolution has 16 channels in, 16 out; expected multiples of its 3 groups',
      ],
      [`${header}ir_k3_e6,28x16,24,2,1`, "a:2: input is '28x16'; expected height x width x channels"],
      [`${header}ir_k3_e6,28x28x16,-24,2,1`, "a:2: channels is '-24'; expected a whole number from 1 on"],
      [`${header}fc,7x7x16,10,1,1`, 'a:2: linear: linear has input 7x7x16; expected 1x1 pixels'],
      [`${header}ir_k3_e6,28x28x16,24`, 'a:2: 3 fields; expected 5'],
      ['op,input,flops\n', "a:1: a column 'flops'; expected op, input, size, height"],
      ['op,block\n', "a:1: a column 'block' beside 'op'; expected op, input"],
      [
        'op,input,channels,latency\nskip,8x8x8,16,3',
        'a:2: latency, which has no unit; expected latency_us, latency_ms or latency_s',
      ],
      [
        'op,input,channels,kernel,latency_ms\nir_k3_e6,8x8x8,16,5,3',
        "a:2: kernel is 5; expected 3, as the block's name says",
      ],
      ['[1]', 'a: [0]: no object; expected a row as an object'],
      ['[{"op": "skip", "flops": 3}]', "a: [0]: a field 'flops'; expected op"],
      ['[{"op": "skip", "__proto__": {"channels": 3}}]', "a: [0]: a field '__proto__'; expected op"],
      ['[{"op": {}}]', 'a: [0]: op is a mapping; expected a number or a text'],
      [`${'['.repeat(100_000)}`, 'a: not JSON'],
      [
        `[${'['.repeat(50_000)}${']'.repeat(50_000)}]`,
        'a: lists and objects inside each other, more than 200 deep',
      ],
    ]),
  )('%s', (message, text) => {
    expect(complaintOf('fbnet', text)).toContain(message);
  });
});
