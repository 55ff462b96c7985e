import { expect, test } from 'vitest';
import { activationBytes, distinctKernels, fuse } from '../../src/graph/fusion.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';

const signatures = (build: (builder: GraphBuilder, input: number) => number): readonly string[] => {
  const builder = new GraphBuilder();
  return fuse(builder.build(build(builder, builder.input([8, 8, 4])))).map(({ kernel }) => kernel.signature);
};

test('convolution, batch-norm and activation are one kernel, the batch-norm folded into a bias', () => {
  expect(signatures((b, x) => b.convolutionUnit(x, 6, 'relu', { kernel: 3, stride: 2 }))).toEqual([
    '8x8x4 convolution 6 k3x3 s2x2 g1 same bias + relu',
  ]);
});

test('a dilation is in the signature only where there is one', () => {
  expect(signatures((b, x) => b.convolution(x, 4, { kernel: 3, groups: 4, dilation: [1, 2] }))).toEqual([
    '8x8x4 convolution 4 k3x3 s1x1 d1x2 g4 same',
  ]);
});

test('a tensor that two ops read stays a tensor', () => {
  const kernels = signatures((b, x) => {
    const normed = b.batchNorm(b.convolution(x, 4));
    return b.add({ kind: 'add' }, [normed, b.activation(normed, 'hswish')]);
  });
  expect(kernels).toEqual(['8x8x4 convolution 4 k1x1 s1x1 g1 same bias', '8x8x4 hswish', '8x8x4,8x8x4 add']);
});

test('an activation joins the sum before it', () => {
  expect(signatures((b, x) => b.activation(b.add({ kind: 'add' }, [x, x]), 'relu'))).toEqual([
    '8x8x4,8x8x4 add + relu',
  ]);
});

test('every node but the input is in one kernel, in order', () => {
  const builder = new GraphBuilder();
  const unit = builder.convolutionUnit(builder.input([8, 8, 4]), 4, 'relu6', { kernel: 3, groups: 4 });
  const graph = builder.build(builder.linear(builder.globalAveragePool(unit), 10));
  expect(fuse(graph).flatMap(({ nodes }) => nodes)).toEqual([1, 2, 3, 4, 5]);
  expect(activationBytes(graph)).toBe(4 * (8 * 8 * 4 + 4 + 10));
});

test('equal kernels are listed once', () => {
  const builder = new GraphBuilder();
  let node = builder.input([8, 8, 4]);
  for (let i = 0; i < 3; i++) node = builder.convolutionUnit(node, 4, 'relu');
  expect(distinctKernels([builder.build(node), builder.build(node)])).toHaveLength(1);
});
