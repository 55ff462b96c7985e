import { expect, test } from 'vitest';
import type { SearchEvent } from '../../src/flows/search.ts';
import { createTimeLeft } from '../../src/report/time-left.ts';

const started = (number: number, work: number, rung = 0): SearchEvent => ({
  ...{ kind: 'started', number, rung, latencyMs: 1, work },
});
const finished = (number: number, replayed = false): SearchEvent => ({
  kind: 'finished',
  trial: {
    ...{ state: 'completed', number, genotype: [], latencyMs: 1, accuracy: 0.5 },
    ...{ params: 1, macs: 1, epochs: [], cpuSeconds: 1 },
  },
  replayed,
});
const paused = (number: number): SearchEvent => ({
  ...{ kind: 'rung', number, result: { rung: 0, accuracy: 0.1, epochs: [], cpuSeconds: 1 }, replayed: false },
});
const stopped = (number: number): SearchEvent => ({
  kind: 'finished',
  trial: {
    ...{
      state: 'stopped',
      number,
      genotype: [],
      latencyMs: 1,
      params: 1,
      macs: 1,
      rungs: [],
      reason: 'poor',
    },
  },
  replayed: false,
});

function watch(trials: number, parallelism: number) {
  let now = 0;
  const left = createTimeLeft({ trials, parallelism, nowMs: () => now });
  return {
    left,
    at(seconds: number, ...events: readonly SearchEvent[]): number | undefined {
      now = seconds * 1000;
      for (const event of events) left.on(event);
      return left.seconds();
    },
  };
}

test('there is nothing to go by before a training has ended', () => {
  const { at } = watch(4, 1);
  expect(at(0, started(0, 10))).toBeUndefined();
  expect(at(5)).toBeUndefined();
});

test('it is the mean of the trials so far, at the speed so far', () => {
  const { at } = watch(4, 1);
  at(0, started(0, 10));
  expect(at(10, finished(0), started(1, 10))).toBeCloseTo(30);
  expect(at(15)).toBeCloseTo(25);
  expect(at(20, finished(1))).toBeCloseTo(20);
});

test('two at once take half as long, and a large network longer than a small one', () => {
  const { at } = watch(4, 2);
  at(0, started(0, 10), started(1, 20));
  // 10 in 10 s; the other half way. Left of 4 × 10: 20, at 2 a second.
  expect(at(10, finished(0), started(2, 10))).toBeCloseTo(10);
});

test('trials that were there before count as done, but not as fast', () => {
  const { at } = watch(4, 1);
  at(0, finished(0, true), finished(1, true), started(2, 10));
  expect(at(10, finished(2))).toBeCloseTo(10);
});

test('those that are stopped early make what is ahead shorter', () => {
  const { at } = watch(3, 1);
  at(0, started(0, 10));
  at(10, paused(0), started(0, 20, 1));
  at(30, finished(0), started(1, 10));
  // A whole one is 30, a stopped one 10: the third is taken for 20.
  expect(at(40, paused(1), stopped(1))).toBeCloseTo(20);
});
