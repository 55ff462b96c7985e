import seedrandom from 'seedrandom';

/** A source of randomness. It is never optional and never ambient: whoever draws is handed one. */
export interface Rng {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, count). */
  integer(count: number): number;
  /** Standard normal, by the Box–Muller transform. */
  normal(): number;
  /** An independent stream named by a label; it does not advance this one. */
  fork(label: string): Rng;
}

/** The stream of a seed: the same seed gives the same numbers on every machine (seedrandom's ARC4). */
export function createRng(seed: string): Rng {
  const uniform = seedrandom(seed);
  return {
    uniform,
    integer: (count) => Math.floor(uniform() * count),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    fork: (label) => createRng(`${seed}/${label}`),
  };
}

/** Shuffles in place (Fisher–Yates) and returns the same array. */
export function shuffle<T extends { length: number; [index: number]: unknown }>(items: T, rng: Rng): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    const held = items[i];
    items[i] = items[j];
    items[j] = held;
  }
  return items;
}
