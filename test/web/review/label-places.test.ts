import { expect, test } from 'vitest';
import { labelPlaces } from '../../../src/web/review/app/charts/label-places.ts';

test('labels that would hide each other stand below each other, all others where they belong', () => {
  const label = (text: string, x: number, y: number, anchor: 'start' | 'end' = 'start') => ({
    text,
    x,
    y,
    anchor,
  });
  const apart = [label('left', 0, 10), label('right', 100, 10), label('below', 0, 30)];
  expect(labelPlaces(apart)).toEqual(apart);
  const places = labelPlaces([label('first', 0, 10), label('second', 5, 12), label('third', 40, 11, 'end')]);
  expect(places.map(({ text, x }) => [text, x])).toEqual([
    ['first', 0],
    ['second', 5],
    ['third', 40],
  ]);
  const heights = places.map(({ y }) => y);
  expect(heights[0]).toBe(10);
  for (const [i, y] of heights.entries())
    for (const other of heights.slice(0, i)) expect(Math.abs(y - other)).toBeGreaterThanOrEqual(11);
});
