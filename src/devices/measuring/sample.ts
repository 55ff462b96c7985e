/**
 * `preempted`: something else ran meanwhile on this core; the sample says nothing about the workload.
 * `slow-core`: the core was slower than it has been; the sample says what the workload takes on such a core.
 */
export type Disturbance = 'none' | 'slow-core' | 'preempted';

export interface Sample {
  readonly elapsedMs: number;
  /** What the sentinel took right before and right after, the longer of the two. */
  readonly sentinelMs: number;
  readonly disturbance: Disturbance;
}

/** One run of something, as the program that ran it saw it. */
interface Reading {
  readonly wallUs: number;
  readonly cpuUs: number;
  readonly switches: number;
}

/** A sample that got less of the processor than this part of its time was waiting for something else. */
const MINIMUM_CPU_SHARE = 0.95;
/** What a reading of the clocks itself may take. */
const CLOCK_US = 5;

/** Whether the process was put aside meanwhile: by the kernel's count, or by processor time against wall time. */
export function wasPreempted({ wallUs, cpuUs, switches }: Reading): boolean {
  return switches > 0 || cpuUs + CLOCK_US < MINIMUM_CPU_SHARE * wallUs;
}
