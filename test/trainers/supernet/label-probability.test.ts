import { expect, test } from 'vitest';
import { labelProbability } from '../../../src/trainers/supernet/label-probability.ts';

test('sums the softmax of the labels, whatever lies in the padding', () => {
  // Two images of three classes, a vector of four floats each.
  const logits = Float32Array.of(Math.log(1), Math.log(2), Math.log(5), 99, 1000, 0, 0, 99);
  const shape = { channels: 3, stride: 4 };
  expect(labelProbability(logits, shape, [1, 0])).toBeCloseTo(2 / 8 + 1, 6);
  expect(labelProbability(logits, shape, [2, 2])).toBeCloseTo(5 / 8, 6);
  // Fewer labels than images: the last batch.
  expect(labelProbability(logits, shape, [0])).toBeCloseTo(1 / 8, 6);
});
