import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonReference, coverage, hypervolumeShare } from '../../src/objective/compare-fronts.ts';
import { hypervolume, paretoFront } from '../../src/objective/pareto.ts';

const fast = { latencyMs: 10, accuracy: 0.5 };
const slow = { latencyMs: 20, accuracy: 0.7 };

test('the reference is a tenth of the range beyond the worst of all fronts', () => {
  const { latencyMs, accuracy } = commonReference([[fast], [slow]]);
  expect(latencyMs).toBeCloseTo(21, 12);
  expect(accuracy).toBeCloseTo(0.48, 12);
  // Of a single point: a tenth of itself.
  expect(commonReference([[fast]])).toEqual({ latencyMs: 11, accuracy: expect.closeTo(0.45, 12) });
  // A tenth of their range is less than the numbers can tell.
  const next = { latencyMs: 1 + Number.EPSILON, accuracy: 0.5 };
  expect(commonReference([[{ latencyMs: 1, accuracy: 0.5 }, next]]).latencyMs).toBeCloseTo(1.1, 12);
  expect(commonReference([[], []])).toEqual({ latencyMs: 0, accuracy: 0 });
});

test('coverage is the part of another front that is matched or beaten', () => {
  const better = { latencyMs: 9, accuracy: 0.6 };
  expect(coverage([better], [fast, slow])).toBe(0.5);
  expect(coverage([fast, slow], [better])).toBe(0);
  expect(coverage([fast, slow], [fast, slow])).toBe(1);
  expect(coverage([fast], [])).toBe(0);
});

test('by hand: two fronts that share nothing', () => {
  // Reference (21, 0.48): fast alone covers 0.02 · 11, slow alone 0.22 · 1, both 0.02 · 11 + 0.2 · 1.
  const reference = commonReference([[fast], [slow]]);
  expect(hypervolumeShare([fast], [[fast], [slow]], reference)).toBeCloseTo(0.22 / 0.42, 9);
  expect(hypervolumeShare([slow], [[fast], [slow]], reference)).toBeCloseTo(0.22 / 0.42, 9);
  expect(hypervolumeShare([], [[], []], reference)).toBe(0);
});

const points = fc.array(
  fc.record({
    latencyMs: fc.double({ min: 1, max: 50, noNaN: true }),
    accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 12 },
);

test('no front has more than all together, each of its points counts, and nothing beats itself', () => {
  fc.assert(
    fc.property(fc.array(points, { minLength: 1, maxLength: 4 }), (sets) => {
      const fronts = sets.map((set) => paretoFront(set));
      const reference = commonReference(fronts);
      for (const front of fronts) {
        const share = hypervolumeShare(front, fronts, reference);
        expect(share).toBeLessThanOrEqual(1 + 1e-9);
        expect(coverage(front, front)).toBe(1);
        for (const point of front) {
          expect(point.latencyMs).toBeLessThan(reference.latencyMs);
          expect(point.accuracy).toBeGreaterThanOrEqual(reference.accuracy);
        }
      }
      expect(hypervolume(fronts.flat(), reference)).toBeGreaterThanOrEqual(0);
    }),
  );
});
