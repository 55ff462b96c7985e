import { expect, test } from 'vitest';
import { createPace } from '../../../src/devices/measuring/pace.ts';

/** A clock by which every piece of work takes as long as it is told. */
function paceOn(duration: () => number) {
  let time = 0;
  let running = false;
  return createPace(() => {
    time += running ? duration() : 0;
    running = !running;
    return time;
  });
}

test('work that takes as long as always is at the usual pace, and half as long again is not', () => {
  let duration = 10;
  const pace = paceOn(() => duration);
  expect(pace.isUsual()).toBe(true);
  duration = 15;
  expect(pace.isUsual()).toBe(false);
  duration = 11;
  expect(pace.isUsual()).toBe(true);
});

test('a core that gets faster sets a new standard', () => {
  let duration = 15;
  const pace = paceOn(() => duration);
  expect(pace.isUsual()).toBe(true);
  duration = 10;
  for (let i = 0; i < 300; i++) expect(pace.isUsual()).toBe(true);
  duration = 15;
  expect(pace.isUsual()).toBe(false);
});
