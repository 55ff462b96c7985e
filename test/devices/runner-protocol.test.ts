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
  const subject = { key: 'k', isolate: true, nodes: [{ name: 'n', op, inputs: [0] }], outputs: [0] };
  const effort = { samples: 1, sampleMs: 1, window: 1, patienceMs: 1 };
  const request = requestSchema.parse({ kind: 'measure', id: 1, effort, subjects: [subject] });
  expect(request.subjects[0]?.nodes[0]?.op).toEqual({ ...op, dilation: [1, 1] });
});
