import { expect, test } from 'vitest';
import { createPace } from '../../../src/devices/measuring/pace.ts';

/** A pace that has seen the same work take 10 µs for a while. */
function paceAtTen() {
  const pace = createPace();
  for (let i = 0; i < 100; i++) pace.isUsual(10);
  return pace;
}

test('work that takes as long as always is at the usual pace, and half as long again is not', () => {
  const pace = paceAtTen();
  expect(pace.usualUs()).toBe(10);
  expect(pace.isUsual(15)).toBe(false);
  expect(pace.isUsual(11)).toBe(true);
});

test('the first reading is the standard until there are others', () => {
  const pace = createPace();
  expect(pace.usualUs()).toBeUndefined();
  expect(pace.isUsual(15)).toBe(true);
  expect(pace.isUsual(10)).toBe(true);
  expect(pace.isUsual(15)).toBe(false);
});

test('a core that gets faster sets a new standard', () => {
  const pace = createPace();
  for (let i = 0; i < 100; i++) pace.isUsual(15);
  for (let i = 0; i < 300; i++) expect(pace.isUsual(10)).toBe(true);
  expect(pace.isUsual(15)).toBe(false);
});
