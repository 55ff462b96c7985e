import { expect, test } from 'vitest';
import { requestSchema } from '../../src/devices/runner-protocol.ts';

test('a convolution written before there were dilations is undilated', () => {
  const op = {
    kind: 'convolution',
    channels: 4,
    kernel: [3, 3],
    stride: [1, 1],
    groups: 1,
    padding: 'same',
    bias: false,
  };
  const nodes = [{ name: 'n', op, inputs: [0] }];
  const load = { kind: 'load', id: 1, key: 'k', dtype: 'float32', isolate: true, nodes, outputs: [0] };
  expect(requestSchema.parse(load)).toMatchObject({ nodes: [{ op: { ...op, dilation: [1, 1] } }] });
});
