import { array, assert, constantFrom, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { labelLines } from '../../../src/web/review/app/charts/label-lines.ts';

test('a label is broken behind spaces and hyphens, where it is long', () => {
  expect(labelLines('5', 3)).toEqual(['5']);
  expect(labelLines('inverted-residual', 3)).toEqual(['inverted-residual']);
  expect(labelLines('inverted-residual kernel 3 expansion 3', 3)).toEqual([
    'inverted-residual ',
    'kernel 3 ',
    'expansion 3',
  ]);
  expect(labelLines('depthwise-separable', 2)).toEqual(['depthwise-', 'separable']);
  expect(labelLines('{"ratio":0.25,"of":"input"}', 2)).toEqual(['{"ratio":0.25,"of":"input"}']);
});

test('lines are the label, no more than there is room for', () => {
  const word = constantFrom('inverted-', 'residual ', 'kernel ', '3 ', 'expansion', ' ', 'a-b ');
  assert(
    property(array(word), integer({ min: 1, max: 6 }), (words, most) => {
      const lines = labelLines(words.join(''), most);
      expect(lines.join('')).toBe(words.join(''));
      expect(lines.length).toBeLessThanOrEqual(most);
    }),
  );
});
