import { median } from 'simple-statistics';
import { NasError } from '../../base/errors.ts';
import { type Rng, shuffle } from '../../base/rng.ts';
import { RunnerLost } from '../runner-client.ts';
import type { Loaded, Reading } from '../runner-protocol.ts';
import { judge, MINIMUM_SAMPLES } from './accept.ts';
import type { Effort } from './effort.ts';
import type { Pace } from './pace.ts';
import { type Sample, wasPreempted } from './sample.ts';
import type { Sampler, Subject } from './sampler.ts';
import { rounded, type Summary, summarize } from './summarize.ts';

export interface Measured extends Summary {
  readonly key: string;
  /** Median of the warm samples; `null` where none was taken or all were disturbed. */
  readonly warmMs: number | null;
}

export interface Interleaving {
  readonly effort: Effort;
  /** Sampled between all others: when it is slow, so is the core. */
  readonly sentinel: Subject;
  /** Of the sentinel; kept by the caller, who measures more than once. */
  readonly pace: Pace;
  /** As `SampleRequest.cold`. */
  readonly cold: boolean;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

interface OpenSubject {
  readonly subject: Subject;
  loaded: Loaded;
  readonly samples: Sample[];
}

/** A runner may be lost this often without a single result in between. */
const MAX_LOSSES = 3;

/**
 * Measures programs in rounds. A round takes some samples of every open subject, in shuffled order with the sentinel
 * between them; each opens one more, so that subjects also finish one by one and each result is out as soon as it is
 * complete. Disturbed samples are thrown away and taken again; they are never averaged in. When the runner is lost,
 * an unplugged phone say, the open subjects are loaded into the next one and go on; only the round is lost.
 */
export async function* measureInterleaved(
  subjects: readonly Subject[],
  sampler: Sampler,
  { effort, sentinel, pace, cold, rng, signal }: Interleaving,
): AsyncGenerator<Measured> {
  const waiting = [...subjects];
  let open: OpenSubject[] = [];
  let losses = 0;
  let ready = false;
  try {
    while (waiting.length + open.length > 0) {
      signal?.throwIfAborted();
      try {
        if (!ready) {
          await sampler.load(sentinel);
          for (const each of open) each.loaded = await sampler.load(each.subject);
          ready = true;
        }
        const next = open.length < effort.window ? waiting[0] : undefined;
        if (next !== undefined) {
          open.push({ subject: next, loaded: await sampler.load(next), samples: [] });
          waiting.shift();
        }
        const turns = shuffle(
          open.flatMap((each) => Array<OpenSubject>(effort.perRound).fill(each)),
          rng,
        );
        const keys = turns.flatMap(({ subject }) => [sentinel.key, subject.key]);
        const readings = await sampler.sample([...keys, sentinel.key], cold);
        for (const [i, sample] of readSamples(readings, pace).entries()) turns[i]?.samples.push(sample);
        const finished: { readonly each: OpenSubject; readonly measured: Measured }[] = [];
        for (const each of open) {
          const summary = resultOf(each, effort);
          if (summary === undefined) continue;
          const warmMs = await measureWarm(each, sampler, effort.warmSamples);
          finished.push({ each, measured: { key: each.subject.key, warmMs, ...summary } });
        }
        open = open.filter((each) => !finished.some((done) => done.each === each));
        for (const { measured } of finished) {
          losses = 0;
          yield measured;
        }
        if (finished.length > 0) await sampler.unload(finished.map(({ each }) => each.subject.key));
      } catch (thrown) {
        ready = false;
        signal?.throwIfAborted();
        if (!(thrown instanceof RunnerLost) || ++losses >= MAX_LOSSES) throw thrown;
      }
    }
  } finally {
    // Whoever stops listening midway leaves nothing in the runner.
    const left = [sentinel, ...open.map(({ subject }) => subject)].map(({ key }) => key);
    if (ready && !signal?.aborted) await sampler.unload(left).catch(() => {});
  }
}

/** The samples between the sentinel's readings: sentinel, sample, sentinel, sample, …, sentinel. */
function readSamples(readings: readonly Reading[], pace: Pace): readonly Sample[] {
  const samples: Sample[] = [];
  let usualBefore = true;
  for (let i = 0; i < readings.length; i += 2) {
    const sentinel = readings[i];
    const usual = sentinel !== undefined && !wasPreempted(sentinel) && pace.isUsual(sentinel.wallUs);
    const before = readings[i - 1];
    if (before !== undefined) {
      const slow = usual && usualBefore ? 'none' : 'slow-core';
      samples.push({
        elapsedMs: before.wallUs / 1000,
        disturbance: wasPreempted(before) ? 'preempted' : slow,
      });
    }
    usualBefore = usual;
  }
  return samples;
}

async function measureWarm(
  { subject, loaded }: OpenSubject,
  sampler: Sampler,
  count: number,
): Promise<number | null> {
  if (count === 0) return null;
  const readings = await sampler.sample(Array<string>(count).fill(subject.key), false);
  const whole = readings.filter((reading) => !wasPreempted(reading));
  if (whole.length === 0) return null;
  return rounded(median(whole.map(({ wallUs }) => latencyOf(wallUs / 1000, loaded))));
}

/** What one run of a subject says of the latency of one copy of it. */
function latencyOf(elapsedMs: number, { copies, overheadUs }: Loaded): number {
  return Math.max(0, elapsedMs - overheadUs / 1000) / copies;
}

/** The numbers of a subject; undefined while it needs more samples. */
function resultOf({ subject, loaded, samples }: OpenSubject, effort: Effort): Summary | undefined {
  const verdict = judge(samples, effort);
  switch (verdict.state) {
    case 'more':
      return undefined;
    case 'complete': {
      const latenciesMs = verdict.acceptedMs.map((ms) => latencyOf(ms, loaded));
      return summarize(latenciesMs, samples.length - latenciesMs.length);
    }
    case 'hopeless':
      throw new NasError(subject.key, {
        found: `other programs disturbed nearly all of ${samples.length} samples`,
        expected: `at least ${MINIMUM_SAMPLES} undisturbed ones`,
        next: 'end what else keeps the machine busy and measure again; what is measured stays',
      });
  }
}
