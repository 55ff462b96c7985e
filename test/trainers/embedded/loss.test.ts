import { describe, expect, it } from 'vitest';
import { softmaxCrossEntropy } from '../../../src/trainers/embedded/loss.ts';

const SHAPE = { channels: 3, stride: 4 };

describe('softmaxCrossEntropy', () => {
  it('is ln classes for equal logits, whatever the smoothing', () => {
    const logits = new Float32Array(8);
    expect(softmaxCrossEntropy(logits, SHAPE, [0, 2], 0).loss).toBeCloseTo(Math.log(3), 12);
    expect(softmaxCrossEntropy(logits, SHAPE, [0, 2], 0.3).loss).toBeCloseTo(Math.log(3), 12);
  });

  it('mixes the label with the uniform distribution', () => {
    // p = (1/4, 1/2, 1/4); q = (0.9 + 0.1/3, 0.1/3, 0.1/3)
    const logits = Float32Array.from([0, Math.log(2), 0, 0]);
    const expected = (0.9 + 0.2 / 3) * Math.log(4) + (0.1 / 3) * Math.log(2);
    const gradient = new Float32Array(4).fill(9);
    const { loss, correct } = softmaxCrossEntropy(logits, SHAPE, [0], 0.1, gradient);
    expect(loss).toBeCloseTo(expected, 6);
    expect(correct).toBe(0);
    [0.25 - 0.9 - 0.1 / 3, 0.5 - 0.1 / 3, 0.25 - 0.1 / 3, 0].forEach((value, index) => {
      expect(gradient[index]).toBeCloseTo(value, 6);
    });
  });

  it('counts only the images that have labels', () => {
    const logits = Float32Array.from([5, 0, 0, 0, 0, 5, 0, 0, 9, 9, 9, 0]);
    expect(softmaxCrossEntropy(logits, SHAPE, [0, 1], 0).correct).toBe(2);
  });

  it('is not a number when a logit is not', () => {
    expect(softmaxCrossEntropy(Float32Array.from([Number.NaN, 0, 0, 0]), SHAPE, [1], 0).loss).toBeNaN();
  });
});
