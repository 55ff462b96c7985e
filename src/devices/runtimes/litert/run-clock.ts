/** What the process or page that runs LiteRT can tell of the time its runs take. */
export interface RunClock {
  nowMs(): number;
  /** The least by which `nowMs` goes on. */
  readonly tickMs: number;
  /** Processor time and involuntary context switches so far; absent where nobody counts them, as in a browser. */
  usage?(): Usage;
}

export interface Usage {
  readonly cpuUs: number;
  readonly switches: number;
}

const OBSERVED_TICKS = 20;

/** Reads a clock until it has gone on some times, and takes the least. */
export function tickOf(nowMs: () => number): number {
  let tickMs = Number.POSITIVE_INFINITY;
  let last = nowMs();
  for (let seen = 0; seen < OBSERVED_TICKS; ) {
    const now = nowMs();
    if (now === last) continue;
    tickMs = Math.min(tickMs, now - last);
    last = now;
    seen++;
  }
  return tickMs;
}

/** A time of fewer ticks than this is no time. */
const TIMED_TICKS = 10;

/** Times a run, in milliseconds: as many in a row as it takes for the clock to tell. */
export async function timeRun(run: () => Promise<void>, clock: RunClock): Promise<number> {
  for (let runs = 1; ; runs *= 2) {
    const start = clock.nowMs();
    for (let i = 0; i < runs; i++) await run();
    const elapsedMs = clock.nowMs() - start;
    if (elapsedMs >= TIMED_TICKS * clock.tickMs) return elapsedMs / runs;
  }
}

/** Runs for some time. */
export async function runFor(milliseconds: number, run: () => Promise<void>, clock: RunClock): Promise<void> {
  const end = clock.nowMs() + milliseconds;
  while (clock.nowMs() < end) await run();
}
