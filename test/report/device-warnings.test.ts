import { describe, expect, test } from 'vitest';
import type { DeviceState } from '../../src/latency/device-state.ts';
import { warningsAfter, warningsBefore } from '../../src/report/device-warnings.ts';

const good: DeviceState = {
  battery: { percent: 90, celsius: 28, state: 'charging' },
  thermal: { status: 'none', hottestCelsius: 41 },
  governors: ['performance'],
};
const battery = (percent: number, state: 'charging' | 'discharging' | 'full'): DeviceState => ({
  ...good,
  battery: { percent, celsius: null, state },
});
const light: DeviceState = { ...good, thermal: { status: 'light', hottestCelsius: 52.7 } };
const hot: DeviceState = { ...good, thermal: { status: 'severe', hottestCelsius: 88.04 } };
const governed = (...governors: string[]): DeviceState => ({ ...good, governors });

describe('before measuring', () => {
  test.each<[string, DeviceState, RegExp]>([
    ['a battery that is nearly empty', battery(12, 'discharging'), /^battery at 12 %: .*; plug it in$/],
    ['a battery that takes a large current', battery(45, 'charging'), /^battery charging at 45 %, .* 80 %$/],
    ['a phone that holds back', light, /^thermal status light, 52\.7 °C: .*; let it cool down$/],
    ['a phone that is throttled', hot, /^thermal status severe, 88\.0 °C: too hot .*cool/],
    [
      'a board that is too hot',
      { ...good, thermal: { status: null, hottestCelsius: 81 } },
      /^81\.0 °C: too hot/,
    ],
    [
      'clocks that follow the load',
      governed('schedutil', 'walt'),
      /^governor schedutil, walt: clocks rise late;/,
    ],
    [
      'clocks that stay low',
      governed('powersave'),
      /^governor powersave: clocks stay low.*echo performance \|/,
    ],
  ])('%s is warned about', (_, state, warning) => {
    expect(warningsBefore(state)).toEqual([expect.stringMatching(warning)]);
  });

  test.each<[string, DeviceState | null]>([
    ['a device that is cool, charged and at its full clocks', good],
    ['a battery that is used but far from empty', battery(55, 'discharging')],
    ['a full battery', battery(100, 'full')],
    ['what a device does not tell', { battery: null, thermal: null, governors: null }],
    ['a device that cannot be asked', null],
  ])('%s is not', (_, state) => {
    expect(warningsBefore(state)).toEqual([]);
  });

  test('all that is the matter is told', () => {
    const state = { ...battery(7, 'discharging'), thermal: hot.thermal, governors: ['schedutil'] };
    expect(warningsBefore(state)).toHaveLength(3);
  });
});

describe('after measuring', () => {
  test('what has come about is told, what was known before is not told again', () => {
    expect(warningsAfter(good, hot)).toEqual([
      expect.stringMatching(/^after measuring: thermal status severe/),
    ]);
    expect(warningsAfter(light, hot)).toHaveLength(1);
    expect(warningsAfter(hot, hot)).toEqual([]);
    expect(warningsAfter(hot, good)).toEqual([]);
    expect(warningsAfter(battery(21, 'discharging'), battery(19, 'discharging'))).toHaveLength(1);
    expect(warningsAfter(good, null)).toEqual([]);
    expect(warningsAfter(null, light)).toHaveLength(1);
  });

  test('a governor that has changed is told, whatever the two are', () => {
    expect(warningsAfter(governed('schedutil'), governed('performance'))).toEqual([
      expect.stringMatching(/^governor schedutil before measuring, performance after: .*measure again$/),
    ]);
    expect(warningsAfter(governed('schedutil'), governed('schedutil'))).toEqual([]);
    expect(warningsAfter(governed('schedutil'), null)).toEqual([]);
  });
});
