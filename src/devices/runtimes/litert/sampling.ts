import type { Reading } from '../../runner-protocol.ts';
import type { RunClock } from './run-clock.ts';
import type { Workload } from './workload.ts';

/**
 * A sample lasts at least so many ticks of the clock: what a tick takes away from one run it gives to the next, so
 * the sum of some runs is known far better than each. 1 where the clock tells microseconds.
 */
const SAMPLE_TICKS = 25;

/** Runs of a workload that make one sample. */
export function runsPerSample(runMs: number, { tickMs }: RunClock): number {
  return Math.max(1, Math.ceil((SAMPLE_TICKS * tickMs) / runMs));
}

/** Processor time is counted too coarsely to judge samples shorter than this; see `Reading`. */
const JUDGED_BY_CPU_TIME_US = 1000;

export interface Sampling {
  readonly runs: number;
  /** Before the sample: weights out of the caches, or a run that leaves them there. */
  readonly cold: boolean;
  /** Between its runs too, as for a kernel; those of a whole network push its weights out by themselves. */
  readonly isolate: boolean;
}

export async function takeSample(
  { run }: Pick<Workload, 'run'>,
  { runs, cold, isolate }: Sampling,
  clock: RunClock,
): Promise<Reading> {
  let wallUs = 0;
  let cpuUs = 0;
  let switches = 0;
  if (!cold) await run();
  for (let i = 0; i < runs; i++) {
    if (cold && (i === 0 || isolate)) walk();
    const before = clock.usage?.();
    const start = clock.nowMs();
    await run();
    wallUs += 1000 * (clock.nowMs() - start);
    const after = clock.usage?.();
    if (before === undefined || after === undefined) continue;
    cpuUs += after.cpuUs - before.cpuUs;
    switches += after.switches - before.switches;
  }
  const isCounted = clock.usage !== undefined && wallUs >= JUDGED_BY_CPU_TIME_US;
  return { wallUs, cpuUs: isCounted ? cpuUs : wallUs, switches };
}

/** 2 MiB: more than the caches that most cores have to themselves. */
const memory = new Float64Array(1 << 18).fill(1);
/** One number a cache line. */
const STEP = 8;

/** Pushes everything else out of the core's own caches. */
function walk(): void {
  for (let i = 0; i < memory.length; i += STEP) memory[i] = -(memory[i] ?? 0);
}
