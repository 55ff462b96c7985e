import { commonReference } from '../../objective/compare-fronts.ts';
import { type ParetoPoint, paretoFront } from '../../objective/pareto.ts';
import type { Reward } from '../../objective/reward.ts';
import type { TrialFigures } from '../../store/store.ts';

/** How far a search was after some of its completed trials. */
export interface CoursePoint {
  /** Completed trials, in the order in which they were asked for. */
  readonly trials: number;
  /** Highest reward so far, for each target. */
  readonly rewards: readonly number[];
  /** Of the front so far, in parts of that of the whole run. */
  readonly hypervolume: number;
}

/** Points that a line is drawn from. */
const POINTS = 200;

/**
 * Best reward and hypervolume over the trials of a run. The hypervolume's reference point is that of the final front,
 * so that it only grows; 1 is what the run has come to. Empty where no trial is completed.
 */
export function searchCourse(
  figures: readonly TrialFigures[],
  rewards: readonly Reward[],
): readonly CoursePoint[] {
  const trials = [...figures].sort((a, b) => a.number - b.number);
  const final = paretoFront(figures);
  const reference = commonReference([final]);
  const growing = createGrowingFront(reference);
  const best = rewards.map(() => Number.NEGATIVE_INFINITY);
  const course: { trials: number; rewards: readonly number[]; area: number }[] = [];
  trials.forEach((trial, index) => {
    growing.add(trial);
    rewards.forEach((reward, target) => {
      best[target] = Math.max(best[target] ?? 0, reward(trial.accuracy, trial.latencyMs));
    });
    const isDrawn =
      index === trials.length - 1 ||
      Math.floor((index * POINTS) / trials.length) !== Math.floor(((index - 1) * POINTS) / trials.length);
    if (isDrawn) course.push({ trials: index + 1, rewards: [...best], area: growing.area() });
  });
  const whole = course.at(-1)?.area ?? 0;
  return course.map(({ area, ...point }) => ({ ...point, hypervolume: whole === 0 ? 0 : area / whole }));
}

interface GrowingFront {
  add(point: ParetoPoint): void;
  /** Accuracy × milliseconds, up to the reference. */
  area(): number;
}

/** A front that points are added to one by one: each costs its place in the front, not the front anew. */
function createGrowingFront(reference: ParetoPoint): GrowingFront {
  /** Fastest first, each more accurate than those before. */
  const front: ParetoPoint[] = [];
  return {
    add(point) {
      let at = front.findIndex(({ latencyMs }) => latencyMs >= point.latencyMs);
      if (at === -1) at = front.length;
      const same = front[at];
      const isBeaten =
        (front[at - 1]?.accuracy ?? Number.NEGATIVE_INFINITY) >= point.accuracy ||
        (same !== undefined && same.latencyMs === point.latencyMs && same.accuracy >= point.accuracy);
      if (isBeaten) return;
      let behind = at;
      while (behind < front.length && (front[behind]?.accuracy ?? 0) <= point.accuracy) behind++;
      front.splice(at, behind - at, point);
    },
    area() {
      let area = 0;
      let below = reference.accuracy;
      for (const { accuracy, latencyMs } of front) {
        if (latencyMs >= reference.latencyMs || accuracy <= below) continue;
        area += (accuracy - below) * (reference.latencyMs - latencyMs);
        below = accuracy;
      }
      return area;
    },
  };
}
