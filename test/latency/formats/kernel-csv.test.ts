import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printKernelCsv } from '../../../src/latency/formats/kernel-csv.ts';
import { joinKernels } from '../../../src/latency/sequence.ts';
import type { KernelLatency } from '../../../src/latency/table.ts';
import { kernelsOfSpace } from '../../../src/space/kernels.ts';
import { SPACES } from '../../space/shipped.ts';
import { complaintOf, readAs } from './reading.ts';

const SIGNATURES = [
  ...new Set(SPACES.flatMap((space) => kernelsOfSpace(space).map(({ signature }) => signature))),
];

const ms = fc.double({ min: 0, max: 1e6, noNaN: true }).map(Math.abs);
const count = fc.nat();
const kernels: fc.Arbitrary<KernelLatency> = fc.record({
  signature: fc.array(fc.constantFrom(...SIGNATURES), { minLength: 1, maxLength: 4 }).map(joinKernels),
  medianMs: ms,
  madMs: fc.option(ms),
  p10Ms: fc.option(ms),
  p90Ms: fc.option(ms),
  warmMs: fc.option(ms),
  samples: fc.option(count.map((some) => some + 1)),
  rejected: fc.option(count),
});

test('what is exported is imported as it was', () => {
  const tables = fc.uniqueArray(kernels, {
    selector: ({ signature }) => signature,
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(tables, (table) => {
      const csv = printKernelCsv(table);
      const back = readAs('csv', csv);
      expect(back.kernels).toEqual(new Map(table.map((kernel) => [kernel.signature, kernel])));
      expect(printKernelCsv(back.kernels.values())).toBe(csv);
    }),
    { numRuns: 200, seed: 1 },
  );
});

const NOTHING = { madMs: null, p10Ms: null, p90Ms: null, warmMs: null, samples: null, rejected: null };

test('columns say what a kernel is', () => {
  const csv = printKernelCsv([
    {
      signature: '112x112x32 convolution 32 k3x3 s2x2 g32 same bias + relu6',
      ...{ medianMs: 1.5, madMs: 0.01, p10Ms: 1.4, p90Ms: 1.6, warmMs: null, samples: 9, rejected: 2 },
    },
    { signature: '14x14x8,14x14x8 add', medianMs: 0.25, ...NOTHING },
    { signature: '7x7x8 global-average-pool ; 1x1x8 linear 10 bias', medianMs: 1e-7, ...NOTHING },
  ]);
  expect(csv.split('\r\n')).toEqual([
    'signature,op,inputs,channels,window,stride,dilation,groups,padding,bias,activation,' +
      'median_ms,mad_ms,p10_ms,p90_ms,warm_ms,samples,rejected',
    '112x112x32 convolution 32 k3x3 s2x2 g32 same bias + relu6,' +
      'convolution,112x112x32,32,3x3,2x2,1x1,32,same,yes,relu6,1.5,0.01,1.4,1.6,,9,2',
    '"14x14x8,14x14x8 add",add,14x14x8 14x14x8,8,,,,,,,,0.25,,,,,,',
    '7x7x8 global-average-pool ; 1x1x8 linear 10 bias,global-average-pool ; linear,7x7x8,,,,,,,,,1e-7,,,,,,',
    '',
  ]);
});

test('signature and median are enough', () => {
  expect([...readAs('csv', 'median_ms,signature\n0.5,8x8x8 relu\n').kernels.values()]).toEqual([
    { signature: '8x8x8 relu', medianMs: 0.5, ...NOTHING },
  ]);
});

describe('a row that cannot be understood is refused with its line and its column', () => {
  test.each([
    ['signature,median_ms\n8x8x8 relu,fast', "a:2: median_ms is 'fast'; expected a time in ms"],
    ['signature,median_ms\n8x8x8 relu,-1', "a:2: median_ms is '-1'; expected a time in ms"],
    ['signature,median_ms\n8x8x8 relu,NaN', "a:2: median_ms is 'NaN'; expected a time in ms"],
    ['signature,median_ms\n8x8x8 relu,1e999', "a:2: median_ms is '1e999'; expected a time in ms"],
    ['signature,median_ms\n8x8x8 relu,', 'a:2: no median_ms; expected a time in ms'],
    [
      'signature,median_ms\n8x8x8,1',
      "a:2: signature is '8x8x8'; expected a kernel as nas tables export writes it",
    ],
    [
      'signature,median_ms\n8x8x8 relu,1\n8x8x8 relu,2',
      "a:3: signature is '8x8x8 relu' a second time; expected each kernel once",
    ],
    [
      'signature,inputs,median_ms\n8x8x8 relu,8x8x9,1',
      "a:2: inputs is '8x8x9'; expected '8x8x8', as the signature says: that alone counts",
    ],
    [
      'signature,median_ms,samples\n8x8x8 relu,1,0',
      "a:2: samples is '0'; expected a whole number from 1 to 9007199254740991",
    ],
    ['signature,median_ms\n8x8x8 relu', 'a:2: 1 fields; expected 2, as many as the header has'],
    [
      'signature,speed\n',
      "a:1: a column 'speed'; expected the columns signature and median_ms, and any of op",
    ],
    ['op,op\n', "a:1: a column 'op' beside 'op'; expected the columns"],
    ['__proto__,median_ms\n', "a:1: a column '__proto__'; expected the columns"],
  ])('%j', (text, message) => {
    expect(complaintOf('csv', text)).toContain(message);
  });

  test('a kernel that two files have', () => {
    const text = 'signature,median_ms\n8x8x8 relu,1\n';
    expect(complaintOf('csv', [text, text])).toMatch(/^b:2: signature is '8x8x8 relu' a second time/);
  });
});
