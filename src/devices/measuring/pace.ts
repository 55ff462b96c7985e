import { quantileSorted } from 'simple-statistics';

/** About 20 µs of arithmetic on a current core. */
const ITERATIONS = 8_000;
/** Readings that say what the usual pace is: those of some ten seconds, so that a slow spell stands out. */
const REMEMBERED = 16_384;
const READINGS_BETWEEN_UPDATES = 256;
/** The pace that the fastest tenth of the readings reach counts as that of an undisturbed core. */
const UNDISTURBED_QUANTILE = 0.1;
/** A sibling hyper-thread at work slows a core by a third or more, changes of its clock by a tenth. */
const TOLERANCE = 1.2;

/** Tells from work of known size whether the core runs at its usual pace. */
export interface Pace {
  /** Does the work once; false if it took longer than it should. */
  isUsual(): boolean;
}

/**
 * A shared physical core, a neighbour on the host of a virtual machine or a falling clock slow a process down
 * with no trace in its own accounts: no context switch, and CPU time goes on as wall time does. They show in
 * how long the same arithmetic takes.
 */
export function createPace(now: () => number = () => performance.now()): Pace {
  const readings = new Float64Array(REMEMBERED);
  let count = 0;
  let limit = Number.POSITIVE_INFINITY;
  const read = (): number => {
    const start = now();
    arithmetic(ITERATIONS);
    const elapsed = now() - start;
    readings[count % REMEMBERED] = elapsed;
    count += 1;
    if (count % READINGS_BETWEEN_UPDATES === 0) {
      const sorted = readings.slice(0, Math.min(count, REMEMBERED)).sort();
      limit = TOLERANCE * quantileSorted([...sorted], UNDISTURBED_QUANTILE);
    }
    return elapsed;
  };
  // Enough for the compiler to optimise the loop, and for a first idea of the pace.
  for (let i = 0; i < 2 * READINGS_BETWEEN_UPDATES; i++) read();
  return { isUsual: () => read() <= limit };
}

/** Eight independent chains of multiplications and additions: limited by how much the core can do at once. */
function arithmetic(iterations: number): number {
  let [a, b, c, d, e, f, g, h] = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7];
  for (let i = 0; i < iterations; i++) {
    a = a * 0.999999 + 1e-6;
    b = b * 0.999999 + 1e-6;
    c = c * 0.999999 + 1e-6;
    d = d * 0.999999 + 1e-6;
    e = e * 0.999999 + 1e-6;
    f = f * 0.999999 + 1e-6;
    g = g * 0.999999 + 1e-6;
    h = h * 0.999999 + 1e-6;
  }
  return a + b + c + d + e + f + g + h;
}
