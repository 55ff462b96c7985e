import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/base/rng.ts';
import { hypervolume, paretoFront } from '../../src/objective/pareto.ts';
import { createReward } from '../../src/objective/reward.ts';

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
