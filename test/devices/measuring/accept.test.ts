import { expect, test } from 'vitest';
import { judge } from '../../../src/devices/measuring/accept.ts';
import type { Disturbance, Sample } from '../../../src/devices/measuring/sample.ts';

const effort = { samples: 5, perRound: 1, warmSamples: 0, window: 4, reloadEvery: 100, patienceMs: 20 };
const samples = (disturbance: Disturbance, ...times: readonly number[]): Sample[] =>
  times.map((elapsedMs) => ({ elapsedMs, sentinelMs: 0, disturbance }));

test('undisturbed samples count once there are enough', () => {
  const clean = samples('none', 1, 1.01, 1.02, 1.03);
  expect(judge(clean, effort)).toEqual({ state: 'more' });
  expect(judge([...clean, ...samples('none', 1.04)], effort)).toEqual({
    state: 'complete',
    acceptedMs: [1, 1.01, 1.02, 1.03, 1.04],
  });
});

test('disturbed samples never count beside enough undisturbed ones', () => {
  const mixed = [
    ...samples('preempted', 9, 0.1),
    ...samples('slow-core', 1.5),
    ...samples('none', 1, 1, 1, 1, 1),
  ];
  expect(judge(mixed, effort)).toEqual({ state: 'complete', acceptedMs: [1, 1, 1, 1, 1] });
});

test('a sample far above the fastest was disturbed, though no witness saw it', () => {
  expect(judge(samples('none', 1, 1, 1, 1.5, 1), effort)).toEqual({ state: 'more' });
});

test('on a core that stays slow, the fastest tenth of its samples counts when patience runs out', () => {
  const slow = samples('slow-core', ...Array.from({ length: 18 }, (_, i) => 2 + (i % 2) / 10));
  expect(judge(slow, effort)).toEqual({ state: 'more' });
  const verdict = judge([...slow, ...samples('preempted', 7)], effort);
  expect(verdict).toEqual({ state: 'complete', acceptedMs: Array(5).fill(2) });
  const many = samples('slow-core', ...Array.from({ length: 100 }, (_, i) => 2 + i / 1000));
  expect(judge(many, effort)).toEqual({
    state: 'complete',
    acceptedMs: Array.from({ length: 10 }, (_, i) => 2 + i / 1000),
  });
});

test('where too few samples are undisturbed there is more patience', () => {
  const more = { ...effort, samples: 20 };
  const some = (clean: number) => [
    ...samples('none', ...Array(clean).fill(2)),
    ...samples('slow-core', ...Array(9).fill(2.1)),
  ];
  expect(judge(some(5), more)).toEqual({ state: 'complete', acceptedMs: Array(5).fill(2) });
  expect(judge(some(4), more)).toEqual({ state: 'more' });
  expect(judge([...some(4), ...samples('slow-core', ...Array(7).fill(2.1))], more).state).toBe('complete');
});

test('time goes by on the sentinel too', () => {
  const slow = samples('slow-core', ...Array(6).fill(1));
  expect(judge(slow, effort)).toEqual({ state: 'more' });
  const beside = slow.map((sample) => ({ ...sample, sentinelMs: 9 }));
  expect(judge(beside, effort)).toEqual({ state: 'complete', acceptedMs: Array(5).fill(1) });
});

test('preempted samples never count, and nothing else to count is hopeless', () => {
  expect(judge(samples('preempted', ...Array(20).fill(1)), effort)).toEqual({ state: 'more' });
  expect(judge(samples('preempted', ...Array(160).fill(1)), effort)).toEqual({ state: 'more' });
  expect(judge(samples('preempted', ...Array(160).fill(200)), effort)).toEqual({ state: 'hopeless' });
});

test('a few long samples are no reason to give up', () => {
  expect(judge(samples('preempted', ...Array(19).fill(2_000)), effort)).toEqual({ state: 'more' });
  expect(judge(samples('none', 100, 100, 100, 100, 100), effort).state).toBe('complete');
});
