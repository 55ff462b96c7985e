import type { ParetoPoint } from '../../objective/pareto.ts';
import type { Genotype } from '../../space/genotype.ts';

export interface Member extends ParetoPoint {
  readonly genotype: Genotype;
}

/**
 * The best members: by rank, and among equals those with more room around them. Rank 0 is the Pareto front, rank 1 the front
 * of the others, and so on (Deb et al. 2002, sections III.A and III.B). Best first.
 */
export function select<Point extends ParetoPoint>(
  members: readonly Point[],
  count: number,
): readonly Point[] {
  const selected: Point[] = [];
  let others = [...members].sort((a, b) => a.latencyMs - b.latencyMs || b.accuracy - a.accuracy);
  while (others.length > 0 && selected.length < count) {
    const front: Point[] = [];
    const dominated: Point[] = [];
    let best = Number.NEGATIVE_INFINITY;
    for (const member of others) {
      if (member.accuracy > best) {
        front.push(member);
        best = member.accuracy;
      } else dominated.push(member);
    }
    selected.push(...byRoom(front));
    others = dominated;
  }
  return selected.slice(0, count);
}

/**
 * The members of one front, fastest first, put in order of falling crowding distance: the half perimeter of the rectangle
 * between a member's neighbours, each objective in units of its range. The ends have all the room there is.
 */
function byRoom<Point extends ParetoPoint>(front: readonly Point[]): readonly Point[] {
  const [first, last] = [front[0], front.at(-1)];
  if (first === undefined || last === undefined) return front;
  const latencies = last.latencyMs - first.latencyMs || 1;
  const accuracies = last.accuracy - first.accuracy || 1;
  return front
    .map((member, i) => {
      const [before, after] = [front[i - 1], front[i + 1]];
      const room =
        before === undefined || after === undefined
          ? Number.POSITIVE_INFINITY
          : (after.latencyMs - before.latencyMs) / latencies +
            (after.accuracy - before.accuracy) / accuracies;
      return { member, room };
    })
    .sort((a, b) => b.room - a.room)
    .map(({ member }) => member);
}
