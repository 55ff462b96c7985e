/** About 15 µs of arithmetic on a current core. */
const ITERATIONS = 8_000;
/** 2 MiB: more than the caches that a core has to itself, less than the one it shares. */
const WALKED_NUMBERS = 1 << 18;
/** One number a cache line. */
const STEP = 8;
/** Readings that say what the usual pace is: those of about a minute, so that a slow spell stands out. */
const REMEMBERED = 32_768;
const READINGS_BETWEEN_UPDATES = 128;
/** The pace that the fastest tenth of the readings reach counts as that of an undisturbed core. */
const UNDISTURBED_QUANTILE = 0.1;
/** A sibling hyper-thread at work slows a core by a third or more, changes of its clock by a tenth. */
const TOLERANCE = 1.2;

/** Tells from work of known size whether the core and its memory run at their usual pace. */
export interface Pace {
  /** Does the work once; false if it took longer than it should. */
  isUsual(): boolean;
}

/**
 * A shared physical core, a neighbour on the host of a virtual machine or a falling clock slow a process down
 * with no trace in its own accounts: no context switch, and CPU time goes on as wall time does. They show in
 * how long the same arithmetic and the same walk through memory take. The walk tells more: where it was slow,
 * kernels took half as long again. It also leaves the core's own caches cold for the sample that follows, much
 * as the other layers of a network do.
 */
export function createPace(now: () => number = () => performance.now()): Pace {
  const memory = new Float64Array(WALKED_NUMBERS).fill(1);
  const gauges = [createGauge(() => arithmetic(ITERATIONS), now), createGauge(() => walk(memory), now)];
  // `map` and not `every`: each gauge is read each time.
  const isUsual = (): boolean => gauges.map((read) => read()).every((usual) => usual);
  // Enough for the compiler to optimise the loops, and for a first idea of the pace.
  for (let i = 0; i < 4 * READINGS_BETWEEN_UPDATES; i++) isUsual();
  return { isUsual };
}

/** Times some work and tells whether it took as long as usual. */
function createGauge(work: () => number, now: () => number): () => boolean {
  const readings = new Float64Array(REMEMBERED);
  let count = 0;
  let limit = Number.POSITIVE_INFINITY;
  return () => {
    const start = now();
    work();
    const elapsed = now() - start;
    readings[count % REMEMBERED] = elapsed;
    count += 1;
    if (count % READINGS_BETWEEN_UPDATES === 0) {
      const sorted = readings.slice(0, Math.min(count, REMEMBERED)).sort();
      limit = TOLERANCE * (sorted[Math.floor(UNDISTURBED_QUANTILE * sorted.length)] ?? limit);
    }
    return elapsed <= limit;
  };
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

/** Touches every cache line: limited by the cache that cores share, and by who else uses it. */
function walk(memory: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < memory.length; i += STEP) sum += memory[i] ?? 0;
  return sum;
}
