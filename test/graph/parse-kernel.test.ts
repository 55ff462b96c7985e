import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuse } from '../../src/graph/fusion.ts';
import { outputOf, parseKernel } from '../../src/graph/parse-kernel.ts';
import { kernelsOfSpace } from '../../src/space/kernels.ts';
import { buildGraph } from '../../src/space/network.ts';
import { NETWORKS, SPACES } from '../space/shipped.ts';

test('the signature of every kernel that a shipped space or network has is read back as the kernel', () => {
  const graphs = [...NETWORKS.values()].map((network) => buildGraph(network));
  const ofNetworks = graphs.flatMap((graph) => fuse(graph).map(({ kernel }) => kernel));
  const kernels = [...ofNetworks, ...SPACES.flatMap((space) => kernelsOfSpace(space))];
  expect(kernels.length).toBeGreaterThan(1000);
  for (const kernel of kernels) expect(parseKernel(kernel.signature)).toEqual(kernel);
});

test('what a kernel writes', () => {
  const written = (signature: string) => outputOf(parseKernel(signature)!);
  expect(written('112x112x16 convolution 64 k3x3 s2x2 g1 same bias + relu')).toEqual([56, 56, 64]);
  expect(written('7x7x8,7x7x16 concat')).toEqual([7, 7, 24]);
  expect(written('7x7x8 global-average-pool')).toEqual([1, 1, 8]);
});

test.each([
  '',
  ' ',
  'relu',
  '8x8 relu',
  '8x8x8  relu',
  '08x8x8 relu',
  '0x8x8 relu',
  '-8x8x8 relu',
  '8x8x8 relu ',
  '8x8x8 relu + relu',
  '8x8x8 __proto__',
  '8x8x8 add',
  '8x8x8,8x8x9 add',
  '8x8x8 linear 10',
  '8x8x8 convolution 8 k3x3 s1x1 g3 same',
  '8x8x8 convolution 8 k3x3 s1x1 d1x1 g1 same',
  '8x8x8 convolution 8 k9x9 s1x1 g1 valid',
  '8x8x8 convolution 8 k3x3 s1x1 g1 same + add',
  '8x8x8 convolution 8 k3x3 s1x1 g1 same + relu + relu',
  '8x8x8 channel-split 4+5',
  '99999999x8x8 relu',
  '8x8x8 input 8x8x8',
])('%j is no kernel', (signature) => {
  expect(parseKernel(signature)).toBeUndefined();
});

test('no text breaks it', () => {
  const words = fc.constantFrom(
    ...['8x8x8', ',', ' ', 'convolution', 'k3x3', 's1x1', 'g1', 'same', 'bias', '+', 'relu', 'add', '10'],
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(words).map((parts) => parts.join(' ')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const kernel = parseKernel(text);
      if (kernel !== undefined) expect(kernel.signature).toBe(text);
    }),
    { numRuns: 2000, seed: 1 },
  );
});
