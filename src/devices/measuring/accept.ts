import { quantile } from 'simple-statistics';
import type { Effort } from './effort.ts';
import type { Sample } from './sample.ts';

/** With fewer undisturbed samples than this there is no number. */
export const MINIMUM_SAMPLES = 5;

/** A workload is given up when it still has no number after this much time and many times its patience, ... */
const GIVE_UP_MS = 30_000;
const GIVE_UP_FACTOR = 8;
/** ... and this many samples: a few long ones are no reason. */
const GIVE_UP_SAMPLES = 20;
/** So many say no more than fewer do, and a runner whose samples take no time at all would give them for ever. */
const MOST_SAMPLES = 100_000;

/** The fastest samples of a workload show what it takes alone; ... */
const UNDISTURBED_QUANTILE = 0.1;
/** ... the same work taking this much longer was not alone, whatever the other witnesses saw. */
const TOLERANCE = 1.1;

/** What to do with the samples of a workload so far. */
export type Verdict =
  | { readonly state: 'more' }
  | { readonly state: 'complete'; readonly acceptedMs: readonly number[] }
  | { readonly state: 'hopeless' };

/** A workload with too few undisturbed samples for a number gets this many times its patience. */
const LONG_PATIENCE = 2;

/** Of the samples taken on a core that was never undisturbed for long, the fastest part was disturbed least. */
const LEAST_DISTURBED_PART = 0.1;

/**
 * Decides which samples count. The undisturbed ones, once there are enough, or where patience runs out, if they suffice
 * for a median at all; where it runs out for long, the fastest tenth of all. Preempted ones never.
 */
export function judge(samples: readonly Sample[], effort: Effort): Verdict {
  const clean = undisturbed(samples.filter(({ disturbance }) => disturbance === 'none'));
  if (clean.length >= effort.samples) return { state: 'complete', acceptedMs: clean };
  // A sentinel stands between two samples, so there is about one a sample.
  if (samples.length >= MOST_SAMPLES) return { state: 'hopeless' };
  const spentMs = samples.reduce((sum, { elapsedMs, sentinelMs }) => sum + elapsedMs + sentinelMs, 0);
  const wanted = Math.min(MINIMUM_SAMPLES, effort.samples);
  if (spentMs < effort.patienceMs) return { state: 'more' };
  if (clean.length >= wanted) return { state: 'complete', acceptedMs: clean };
  if (spentMs < LONG_PATIENCE * effort.patienceMs) return { state: 'more' };
  const whole = samples.filter(({ disturbance }) => disturbance !== 'preempted');
  const fastest = undisturbed(whole).toSorted((a, b) => a - b);
  if (fastest.length >= wanted) {
    const count = Math.max(wanted, Math.ceil(LEAST_DISTURBED_PART * whole.length));
    return { state: 'complete', acceptedMs: fastest.slice(0, count) };
  }
  const longestMs = Math.max(GIVE_UP_MS, GIVE_UP_FACTOR * effort.patienceMs);
  const isEnough = samples.length >= GIVE_UP_SAMPLES && spentMs >= longestMs;
  return { state: isEnough ? 'hopeless' : 'more' };
}

/** Elapsed times without those far above the fastest ones. */
function undisturbed(samples: readonly Sample[]): readonly number[] {
  const elapsed = samples.map(({ elapsedMs }) => elapsedMs);
  if (elapsed.length === 0) return elapsed;
  const limit = TOLERANCE * quantile(elapsed, UNDISTURBED_QUANTILE);
  return elapsed.filter((elapsedMs) => elapsedMs <= limit);
}
