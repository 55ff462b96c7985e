import { expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { commonReference } from '../../../src/objective/compare-fronts.ts';
import { hypervolume, paretoFront } from '../../../src/objective/pareto.ts';
import { mnasReward } from '../../../src/objective/reward.ts';
import { searchCourse } from '../../../src/report/pages/search-course.ts';

const rng = createRng('course');
const some = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    number,
    // Few distinct values, so that there are ties.
    accuracy: 0.3 + 0.05 * rng.integer(8),
    latencyMs: 5 + rng.integer(12),
    ...{ params: 1, macs: 1 },
  }));

test('is at every trial what the hypervolume of the trials so far is', () => {
  for (let round = 0; round < 50; round++) {
    const trials = some(1 + rng.integer(40));
    const reference = commonReference([paretoFront(trials)]);
    const whole = hypervolume(trials, reference);
    const course = searchCourse([...trials].reverse(), [mnasReward(10, 0, -1), mnasReward(7, 0, -1)]);
    expect(course).toHaveLength(trials.length);
    course.forEach((point, index) => {
      const before = trials.slice(0, index + 1);
      expect(point.trials).toBe(index + 1);
      expect(point.hypervolume).toBeCloseTo(hypervolume(before, reference) / whole, 10);
      expect(point.rewards).toEqual(
        [10, 7].map((targetMs) =>
          Math.max(
            ...before.map(({ accuracy, latencyMs }) => mnasReward(targetMs, 0, -1)(accuracy, latencyMs)),
          ),
        ),
      );
    });
  }
});

test('of many trials some points are left, the last among them', () => {
  const course = searchCourse(some(10_000), []);
  expect(course.length).toBeLessThanOrEqual(201);
  expect(course.at(-1)).toEqual({ trials: 10_000, rewards: [], hypervolume: 1 });
  expect(searchCourse([], [mnasReward(10, 0, -1)])).toEqual([]);
});
