import { describe, expect, test } from 'vitest';
import { reasonToStop, type Standing } from '../../src/flows/early-stopping.ts';
import { createReward } from '../../src/objective/reward.ts';

const at = (accuracy: number, latencyMs = 10): Standing => ({ accuracy, latencyMs });
const reward = createReward({ name: 'hard-limit' }, 10);

describe('halving', () => {
  const others = [0.1, 0.2, 0.3, 0.4, 0.5].map((accuracy) => at(accuracy));

  test('lets the best third of those at the rung go on', () => {
    expect(reasonToStop('halving', at(0.45), others, reward)).toBeUndefined();
    expect(reasonToStop('halving', at(0.35), others, reward)).toBe('35.0 % so far, behind 2 of 5 by reward');
    expect(reasonToStop('halving', at(0.05), others, reward)).toBe('5.0 % so far, behind 5 of 5 by reward');
  });

  test('stops nothing before there are three', () => {
    expect(reasonToStop('halving', at(0), others.slice(-1), reward)).toBeUndefined();
    expect(reasonToStop('halving', at(0), others.slice(-2), reward)).toBeDefined();
  });

  test('lets equals go on together', () => {
    expect(reasonToStop('halving', at(0.5), [at(0.5), at(0.5), at(0.5)], reward)).toBeUndefined();
  });
});

describe('the median', () => {
  const others = [0.1, 0.2, 0.3, 0.4].map((accuracy) => at(accuracy));

  test('stops what is below it', () => {
    expect(reasonToStop('median', at(0.24), others, reward)).toBeDefined();
    expect(reasonToStop('median', at(0.25), others, reward)).toBeUndefined();
  });

  test('stops nothing before there are five', () => {
    expect(reasonToStop('median', at(0), others.slice(1), reward)).toBeUndefined();
  });
});

describe('with a reward', () => {
  test('networks are compared by it, not by accuracy', () => {
    const slowButGood = [at(0.9, 12), at(0.8, 13), at(0.85, 11)];
    expect(reasonToStop('halving', at(0.3, 9), slowButGood, reward)).toBeUndefined();
    expect(reasonToStop('halving', at(0.9, 20), [at(0.1, 9), at(0.2, 9), at(0.3, 9)], reward)).toBeDefined();
  });
});

describe('after the whole front', () => {
  const slow = [at(0.7, 20), at(0.8, 21), at(0.9, 22)];
  const fast = [at(0.4, 5), at(0.45, 5), at(0.5, 5.2)];

  test.each(['halving', 'median'] as const)('%s compares a network with those that are no slower', (rule) => {
    const others = [...slow, ...slow, ...fast, ...fast];
    // Poor beside the slow ones, but the best of its speed.
    expect(reasonToStop(rule, at(0.55, 5), others, undefined)).toBeUndefined();
    expect(reasonToStop(rule, at(0.3, 5), others, undefined)).toContain('networks no slower');
    // Slower and worse than the fast ones: hopeless, though it beats nobody of its speed.
    expect(reasonToStop(rule, at(0.35, 19), others, undefined)).toContain('behind 6 of 6 networks no slower');
  });

  test('the fastest network is never stopped', () => {
    expect(reasonToStop('halving', at(0.01, 1), [...slow, ...fast], undefined)).toBeUndefined();
  });
});
