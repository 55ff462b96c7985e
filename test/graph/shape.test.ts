import { describe, expect, test } from 'vitest';
import { type Op, type Shape, windowAlongAxis } from '../../src/graph/op.ts';
import { inferShape } from '../../src/graph/shape.ts';

const infer = (op: Op, ...inputs: Shape[]): Shape => inferShape(op, inputs, 'here');

const convolution = (changes: Partial<Extract<Op, { kind: 'convolution' }>>): Op => ({
  kind: 'convolution',
  channels: 8,
  kernel: [3, 3],
  stride: [1, 1],
  dilation: [1, 1],
  groups: 1,
  padding: 'same',
  bias: false,
  ...changes,
});

describe('windows', () => {
  test('same padding keeps ceil(input / stride) and puts the odd pixel after', () => {
    expect(windowAlongAxis(224, 3, 2, 'same')).toEqual({ output: 112, padBefore: 0 });
    expect(windowAlongAxis(7, 3, 2, 'same')).toEqual({ output: 4, padBefore: 1 });
    expect(windowAlongAxis(5, 5, 1, 'same')).toEqual({ output: 5, padBefore: 2 });
  });

  test('valid padding counts whole windows', () => {
    expect(windowAlongAxis(227, 7, 2, 'valid')).toEqual({ output: 111, padBefore: 0 });
  });

  test('a dilated kernel spans (k - 1) · d + 1 pixels', () => {
    expect(windowAlongAxis(28, 3, 1, 'same', 2)).toEqual({ output: 28, padBefore: 2 });
    expect(windowAlongAxis(28, 3, 2, 'same', 4)).toEqual({ output: 14, padBefore: 3 });
    expect(windowAlongAxis(28, 3, 1, 'valid', 4)).toEqual({ output: 20, padBefore: 0 });
    expect(infer(convolution({ dilation: [1, 2], padding: 'valid' }), [5, 5, 2])).toEqual([3, 1, 8]);
  });

  test('a window may be wider than it is high', () => {
    expect(infer(convolution({ kernel: [1, 3], stride: [1, 2], padding: 'valid' }), [5, 9, 2])).toEqual([
      5, 4, 8,
    ]);
  });
});

describe('shapes', () => {
  test('of ops that keep, join, cut and pool channels', () => {
    expect(infer({ kind: 'batch-norm' }, [4, 5, 6])).toEqual([4, 5, 6]);
    expect(infer({ kind: 'concat' }, [4, 5, 6], [4, 5, 3])).toEqual([4, 5, 9]);
    expect(infer({ kind: 'channel-split', offset: 2, channels: 4 }, [4, 5, 6])).toEqual([4, 5, 4]);
    expect(infer({ kind: 'channel-shuffle', groups: 3 }, [4, 5, 6])).toEqual([4, 5, 6]);
    expect(infer({ kind: 'global-average-pool' }, [4, 5, 6])).toEqual([1, 1, 6]);
    expect(infer({ kind: 'linear', channels: 10, bias: true }, [1, 1, 6])).toEqual([1, 1, 10]);
    expect(infer({ kind: 'multiply' }, [4, 5, 6], [1, 1, 6])).toEqual([4, 5, 6]);
  });

  test.each<[string, () => unknown, string]>([
    [
      'groups that do not divide',
      () => infer(convolution({ groups: 3 }), [4, 4, 6]),
      'multiples of its 3 groups',
    ],
    ['a sum of two shapes', () => infer({ kind: 'add' }, [4, 4, 6], [4, 4, 5]), 'has 4x4x6 and 4x4x5'],
    [
      'a linear layer on pixels',
      () => infer({ kind: 'linear', channels: 2, bias: true }, [2, 2, 6]),
      'pool before',
    ],
    [
      'a split past the end',
      () => infer({ kind: 'channel-split', offset: 4, channels: 4 }, [1, 1, 6]),
      'some of 6',
    ],
    ['an odd shuffle', () => infer({ kind: 'channel-shuffle', groups: 4 }, [1, 1, 6]), 'a multiple of 4'],
    [
      'a window that does not fit',
      () => infer(convolution({ padding: 'valid' }), [2, 2, 6]),
      'a window that fits',
    ],
    [
      'a dilated window that does not fit',
      () => infer(convolution({ dilation: [1, 2], padding: 'valid' }), [4, 4, 6]),
      'a 3x3 window of dilation 1x2 on 4x4 pixels',
    ],
    ['a sum of one', () => infer({ kind: 'add' }, [1, 1, 6]), 'has 1 inputs; expected 2'],
    ['a gate of other channels', () => infer({ kind: 'multiply' }, [4, 4, 6], [1, 1, 5]), '1x1x6 second'],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
