import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { hypervolume, paretoFront } from '../../src/objective/pareto.ts';
import { createReward, foreignExponent, REWARD_NAMES, rewardWarning } from '../../src/objective/reward.ts';

describe('rewards', () => {
  test('mnas-hard is the accuracy up to the target and falls with 1 / latency beyond', () => {
    const reward = createReward({ name: 'mnas-hard' }, 80);
    expect(reward(0.5, 40)).toBe(0.5);
    expect(reward(0.5, 80)).toBe(0.5);
    expect(reward(0.5, 160)).toBe(0.25);
  });

  test('mnas: doubling the latency is worth 5 % accuracy (MnasNet, section 3)', () => {
    const reward = createReward({ name: 'mnas' }, 80);
    expect(reward(0.5 * 1.05, 160) / reward(0.5, 80)).toBeCloseTo(1, 2);
  });

  test('with α = β the order of networks is the same for every target', () => {
    const points: readonly (readonly [number, number])[] = [
      [0.5, 10],
      [0.55, 20],
      [0.6, 60],
    ];
    const order = (targetMs: number): string => {
      const reward = createReward({ name: 'mnas' }, targetMs);
      return [...points].sort((a, b) => reward(...b) - reward(...a)).join(' ');
    };
    expect(order(5)).toBe(order(100));
  });

  test('tunas-abs is largest at the target', () => {
    const reward = createReward({ name: 'tunas-abs' }, 50);
    expect(reward(0.5, 50)).toBe(0.5);
    expect(reward(0.5, 75)).toBeCloseTo(0.5 - 0.035, 12);
    expect(reward(0.5, 25)).toBeCloseTo(0.5 - 0.035, 12);
  });

  test('hard-limit is the accuracy within the limit, and puts every network beyond it behind all within', () => {
    const reward = createReward({ name: 'hard-limit' }, 50);
    expect(reward(0.5, 50)).toBe(0.5);
    expect(reward(0.5, 10)).toBe(0.5);
    expect(reward(1, 50.001)).toBeLessThan(reward(0, 50));
    expect(reward(1, 75)).toBe(-0.5);
    expect(reward(0.1, 60)).toBeGreaterThan(reward(0.9, 70));
  });

  test('the default has an optimum that depends on the target, as all have but α = β', () => {
    const points = [10, 20, 40, 80].map((latencyMs) => ({
      latencyMs,
      accuracy: 0.3 + 0.1 * Math.log2(latencyMs),
    }));
    const best = (name: (typeof REWARD_NAMES)[number], targetMs: number): number => {
      const reward = createReward({ name }, targetMs);
      return points.reduce((a, b) =>
        reward(b.accuracy, b.latencyMs) > reward(a.accuracy, a.latencyMs) ? b : a,
      ).latencyMs;
    };
    for (const name of REWARD_NAMES) {
      const optima = new Set([10, 20, 40].map((targetMs) => best(name, targetMs)));
      const warned = rewardWarning({ name }, 20) !== undefined;
      expect([name, optima.size > 1]).toEqual([name, !warned]);
    }
  });

  test('α = β is warned about with the reason, wherever it comes from', () => {
    expect(rewardWarning({ name: 'mnas' }, 15)).toContain('its best network is the same for every target');
    expect(rewardWarning({ name: 'mnas-hard', alpha: -1 }, 15)).toContain('α = β = -1');
    expect(rewardWarning({ name: 'mnas', beta: -1 }, 15)).toBeUndefined();
    expect(rewardWarning({ name: 'tunas-abs', beta: -0.07 }, 15)).toBeUndefined();
  });

  test('a number that a reward does not have is noticed', () => {
    expect(foreignExponent({ name: 'tunas-abs', alpha: 1 })).toBe('alpha');
    expect(foreignExponent({ name: 'hard-limit', beta: 1 })).toBe('beta');
    expect(foreignExponent({ name: 'tunas-abs', beta: 1 })).toBeUndefined();
    expect(foreignExponent({ name: 'mnas', alpha: 1, beta: 1 })).toBeUndefined();
  });
});

describe('pareto front', () => {
  const points = [
    { accuracy: 0.5, latencyMs: 10 },
    { accuracy: 0.4, latencyMs: 11 },
    { accuracy: 0.6, latencyMs: 20 },
    { accuracy: 0.6, latencyMs: 25 },
    { accuracy: 0.7, latencyMs: 30 },
  ];

  test('keeps what nothing beats, fastest first', () => {
    expect(paretoFront(points).map(({ latencyMs }) => latencyMs)).toEqual([10, 20, 30]);
  });

  test('no member of a front dominates another, and every other point is dominated', () => {
    const rng = createRng('front');
    const many = Array.from({ length: 300 }, () => ({ accuracy: rng.uniform(), latencyMs: rng.integer(40) }));
    const front = paretoFront(many);
    const dominates = (a: (typeof many)[number], b: (typeof many)[number]): boolean =>
      a.accuracy >= b.accuracy &&
      a.latencyMs <= b.latencyMs &&
      (a.accuracy > b.accuracy || a.latencyMs < b.latencyMs);
    for (const a of front) expect(front.some((b) => dominates(b, a))).toBe(false);
    for (const point of many.filter((p) => !front.includes(p))) {
      expect(
        many.some(
          (p) =>
            dominates(p, point) ||
            (p !== point && p.accuracy === point.accuracy && p.latencyMs === point.latencyMs),
        ),
      ).toBe(true);
    }
  });

  test('hypervolume is the area under the steps', () => {
    const reference = { accuracy: 0.3, latencyMs: 40 };
    expect(hypervolume(points, reference)).toBeCloseTo(0.2 * 30 + 0.1 * 20 + 0.1 * 10, 12);
    expect(hypervolume([{ accuracy: 0.9, latencyMs: 50 }], reference)).toBe(0);
    expect(hypervolume([], reference)).toBe(0);
  });
});
