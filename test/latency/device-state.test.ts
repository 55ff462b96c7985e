import { expect, test } from 'vitest';
import { type Thermal, tooHot } from '../../src/latency/device-state.ts';

test.each<[string, Thermal | null, boolean]>([
  ['a phone that is not throttled', { status: 'none', hottestCelsius: 61 }, false],
  ['a phone that holds back a little', { status: 'light', hottestCelsius: 52.7 }, false],
  ['a phone that is throttled, cool as its sensors are', { status: 'moderate', hottestCelsius: 45 }, true],
  ['a phone about to switch itself off', { status: 'shutdown', hottestCelsius: null }, true],
  ['a board that keeps its clocks', { status: null, hottestCelsius: 79.9 }, false],
  ['a board that lowers them', { status: null, hottestCelsius: 80 }, true],
  ['a device that tells no temperature', { status: null, hottestCelsius: null }, false],
  ['a device that tells nothing', null, false],
])('%s', (_, thermal, expected) => {
  expect(tooHot({ thermal })).toBe(expected);
});
