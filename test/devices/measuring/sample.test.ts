import { expect, test } from 'vitest';
import { wasPreempted } from '../../../src/devices/measuring/sample.ts';

test('a switch, or less processor time than time, is a preemption; what the clocks take is not', () => {
  expect(wasPreempted({ wallUs: 100, cpuUs: 100, switches: 0 })).toBe(false);
  expect(wasPreempted({ wallUs: 100, cpuUs: 100, switches: 1 })).toBe(true);
  expect(wasPreempted({ wallUs: 1000, cpuUs: 900, switches: 0 })).toBe(true);
  expect(wasPreempted({ wallUs: 8, cpuUs: 5, switches: 0 })).toBe(false);
  expect(wasPreempted({ wallUs: 1000, cpuUs: 3900, switches: 0 })).toBe(false);
});
