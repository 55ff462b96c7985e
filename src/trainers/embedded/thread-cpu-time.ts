import { readFileSync } from 'node:fs';
import { systemClock } from '../../base/clock.ts';

/** Run time of the calling thread in nanoseconds, then other numbers; Linux only. */
const SCHEDULER_STATISTICS = '/proc/thread-self/schedstat';

/**
 * Processor time that the calling thread has used, in seconds from an arbitrary start.
 * By `process.threadCpuUsage` where Node has it (from 23.9), else by the scheduler's count (Linux); elsewhere
 * it is elapsed time, which is the same for a thread that computes without waiting on a processor of its own.
 */
export function threadCpuSeconds(): number {
  const { threadCpuUsage } = process as unknown as {
    threadCpuUsage?: () => { readonly user: number; readonly system: number };
  };
  if (threadCpuUsage !== undefined) {
    const { user, system } = threadCpuUsage();
    return (user + system) / 1e6;
  }
  try {
    return Number.parseInt(readFileSync(SCHEDULER_STATISTICS, 'utf8'), 10) / 1e9;
  } catch {
    return systemClock.monotonicMs() / 1e3;
  }
}
