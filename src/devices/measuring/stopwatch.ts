import { createPace, type Pace } from './pace.ts';

/** A sample that lasted so much longer than the CPU time it got was waiting for something else. */
const MINIMUM_CPU_SHARE = 0.9;
/** CPU time is counted too coarsely to judge samples shorter than this. */
const JUDGED_BY_CPU_TIME_MS = 1;

/**
 * `preempted`: something else ran meanwhile on this core; the sample says nothing about the workload.
 * `slow-core`: the core was slower than it has been; the sample says what the workload takes on such a core.
 */
export type Disturbance = 'none' | 'slow-core' | 'preempted';

export interface Sample {
  readonly elapsedMs: number;
  readonly disturbance: Disturbance;
}

export interface Stopwatch {
  time(work: () => Promise<void>): Promise<Sample>;
}

/**
 * Times work and says whether to believe the time. Three witnesses: the kernel's count of involuntary context
 * switches, CPU time against wall time, and the pace of the core right before and after.
 */
export function createStopwatch(pace: Pace = createPace()): Stopwatch {
  // The reading after one sample is the reading before the next: they follow each other closely.
  let usualBefore = pace.isUsual();
  return {
    async time(work) {
      const before = process.resourceUsage();
      const start = performance.now();
      await work();
      const elapsedMs = performance.now() - start;
      const after = process.resourceUsage();
      const usualAfter = pace.isUsual();
      const cpuMs =
        (after.userCPUTime - before.userCPUTime + after.systemCPUTime - before.systemCPUTime) / 1000;
      const wasPreempted =
        after.involuntaryContextSwitches > before.involuntaryContextSwitches ||
        (elapsedMs >= JUDGED_BY_CPU_TIME_MS && cpuMs < MINIMUM_CPU_SHARE * elapsedMs);
      const disturbance = wasPreempted ? 'preempted' : usualBefore && usualAfter ? 'none' : 'slow-core';
      usualBefore = usualAfter;
      return { elapsedMs, disturbance };
    },
  };
}
