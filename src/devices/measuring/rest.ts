/** A round in which fewer of the sentinel's readings than this were as fast as usual was slow. */
const SLOW_SHARE = 0.05;
/** Slow rounds in a row that last this long together are a spell worth waiting out. */
const SPELL_MS = 2_000;
const SHORTEST_REST_MS = 2_000;
const LONGEST_REST_MS = 16_000;
/** A core that is still slow after this much rest stays so, and what is measured on it says how it is. */
const MOST_REST_MS = 30_000;
/** A device that says that it is hot is waited for longer. */
const MOST_HOT_REST_MS = 600_000;

/** What a round of samples says of the core that it ran on. */
export interface RoundPace {
  /** Of the sentinel's readings that nothing pre-empted, those as fast as usual; 1 where there are none. */
  readonly usualShare: number;
  readonly elapsedMs: number;
}

/**
 * Tells how long to leave a device alone before the next round, in ms: not at all while rounds are at their usual
 * pace, longer each time in a spell of slow ones (heat, a lowered clock, a neighbour on the same machine), and no
 * more once that has not helped. The samples of slow rounds are taken again in any case.
 */
export function createRests(): (round: RoundPace, isHot: () => Promise<boolean>) => Promise<number> {
  let slowMs = 0;
  let restedMs = 0;
  let nextMs = SHORTEST_REST_MS;
  return async ({ usualShare, elapsedMs }, isHot) => {
    if (usualShare >= SLOW_SHARE) {
      [slowMs, restedMs, nextMs] = [0, 0, SHORTEST_REST_MS];
      return 0;
    }
    slowMs += elapsedMs;
    if (slowMs < SPELL_MS || restedMs >= MOST_HOT_REST_MS) return 0;
    if (restedMs >= MOST_REST_MS && !(await isHot())) return 0;
    const restMs = nextMs;
    slowMs = 0;
    restedMs += restMs;
    nextMs = Math.min(2 * nextMs, LONGEST_REST_MS);
    return restMs;
  };
}
