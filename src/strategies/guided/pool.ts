import type { EffectsPoint } from '../../numeric/effects-regression.ts';
import type { Genotype } from '../../space/genotype.ts';

/** A network that may be proposed. */
export interface Candidate {
  readonly genotype: Genotype;
  readonly key: string;
  readonly point: EffectsPoint;
  readonly latencyMs: number;
  /** Of the predicted accuracy, on the model's scale. */
  mean: number;
  deviation: number;
  /** When the deviation was worked out; it may be older than the mean, and has only fallen since. */
  deviationAt: number;
  /** What it may be worth, were it one deviation better than predicted: to the reward, and to the front. */
  hopes: { reward: number; front: number };
  /** Whether its neighbours are in the pool, or were. */
  isExpanded: boolean;
}

export type Goal = keyof Candidate['hopes'];

/** Networks kept in mind: the most hopeful ones of all that were looked at. */
export interface Pool {
  /** In no order. */
  readonly candidates: readonly Candidate[];
  add(candidate: Candidate): void;
  /** Of those that satisfy a condition the most hopeful ones, best first. */
  best(goal: Goal, count: number, satisfies: (candidate: Candidate) => boolean): readonly Candidate[];
  remove(candidate: Candidate): void;
  /** Forgets the least hopeful ones where there are many more than it is to hold. Returns those forgotten. */
  trim(): readonly Candidate[];
}

export function createPool(size: number): Pool {
  let candidates: Candidate[] = [];
  return {
    get candidates() {
      return candidates;
    },
    add: (candidate) => candidates.push(candidate),
    best(goal, count, satisfies) {
      const best: Candidate[] = [];
      for (const candidate of candidates) {
        const last = best.at(-1);
        if (best.length >= count && last !== undefined && candidate.hopes[goal] <= last.hopes[goal]) continue;
        if (!satisfies(candidate)) continue;
        let place = best.length;
        while (place > 0 && (best[place - 1]?.hopes[goal] ?? 0) < candidate.hopes[goal]) place--;
        best.splice(place, 0, candidate);
        if (best.length > count) best.pop();
      }
      return best;
    },
    remove(candidate) {
      candidates = candidates.filter((other) => other !== candidate);
    },
    trim() {
      if (candidates.length <= 2 * size) return [];
      const kept = new Set<Candidate>();
      for (const goal of ['reward', 'front'] as const) {
        const order = candidates.toSorted((a, b) => b.hopes[goal] - a.hopes[goal]);
        for (const candidate of order.slice(0, size / 2)) kept.add(candidate);
      }
      const forgotten = candidates.filter((candidate) => !kept.has(candidate));
      candidates = [...kept];
      return forgotten;
    },
  };
}
