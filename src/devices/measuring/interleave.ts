import { mean, median } from 'simple-statistics';
import { NasError } from '../../base/errors.ts';
import { type Rng, shuffle } from '../../base/rng.ts';
import { RunnerLost } from '../runner-client.ts';
import type { Loaded, Reading } from '../runner-protocol.ts';
import { judge, MINIMUM_SAMPLES } from './accept.ts';
import type { Effort } from './effort.ts';
import type { Pace } from './pace.ts';
import { createRests, type RoundPace } from './rest.ts';
import { type Sample, wasPreempted } from './sample.ts';
import type { Sampler, Subject } from './sampler.ts';
import { rounded, type Summary, summarize } from './summarize.ts';

export interface Measured extends Summary {
  readonly key: string;
  /** All that were taken, the disturbed ones too: each one run, of all copies. */
  readonly taken: readonly Sample[];
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
  /** What to do while the core is slow; see `createRests`. */
  readonly resting: Resting;
}

export interface Resting {
  /** Asked where a slow spell has lasted. */
  isHot(): Promise<boolean>;
  sleep(ms: number): Promise<void>;
}

interface OpenSubject {
  readonly subject: Subject;
  loaded: Loaded;
  readonly samples: Sample[];
  /** Not worth judging with fewer samples than this. */
  judgeAt: number;
  /** Loaded anew once it has so many samples. */
  reloadAt: number;
}

/** Judging sorts the samples; it waits for this part of them to be new. */
const NEW_PART = 1 / 16;

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
  { effort, sentinel, pace, cold, rng, signal, resting }: Interleaving,
): AsyncGenerator<Measured> {
  const waiting = [...subjects];
  let open: OpenSubject[] = [];
  let done: readonly string[] = [];
  let losses = 0;
  let ready = false;
  const restFor = createRests();
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
          const loaded = await sampler.load(next);
          open.push({ subject: next, loaded, samples: [], judgeAt: 0, reloadAt: effort.reloadEvery });
          waiting.shift();
        }
        const turns = shuffle(
          open.flatMap((each) => Array<OpenSubject>(effort.perRound).fill(each)),
          rng,
        );
        const keys = turns.flatMap(({ subject }) => [sentinel.key, subject.key]);
        const readings = await sampler.sample([...keys, sentinel.key], cold);
        const { samples, ...round } = readRound(readings, pace);
        for (const [i, sample] of samples.entries()) turns[i]?.samples.push(sample);
        const finished: { readonly each: OpenSubject; readonly measured: Measured }[] = [];
        for (const each of open) {
          if (each.samples.length < each.judgeAt) continue;
          each.judgeAt = each.samples.length * (1 + NEW_PART);
          const summary = resultOf(each, effort);
          if (summary === undefined) continue;
          const warmMs = await measureWarm(each, sampler, effort.warmSamples);
          finished.push({
            each,
            measured: { key: each.subject.key, warmMs, ...summary, taken: each.samples },
          });
        }
        open = open.filter((each) => !finished.some((result) => result.each === each));
        done = finished.map(({ each }) => each.subject.key);
        for (const { measured } of finished) {
          losses = 0;
          yield measured;
        }
        if (done.length > 0) await sampler.unload(done);
        done = [];
        for (const each of open) {
          if (each.samples.length < each.reloadAt) continue;
          each.reloadAt = each.samples.length + effort.reloadEvery;
          await sampler.unload([each.subject.key]);
          each.loaded = await sampler.load(each.subject);
        }
        const restMs = await restFor(round, resting.isHot);
        if (restMs > 0) await resting.sleep(restMs);
      } catch (thrown) {
        ready = false;
        signal?.throwIfAborted();
        if (!(thrown instanceof RunnerLost) || ++losses >= MAX_LOSSES) throw thrown;
      }
    }
  } finally {
    // Whoever stops listening midway leaves nothing in the runner.
    const left = [sentinel.key, ...open.map(({ subject }) => subject.key), ...done];
    if (ready && !signal?.aborted) await sampler.unload(left).catch(() => {});
  }
}

interface Round extends RoundPace {
  readonly samples: readonly Sample[];
}

/** The samples between the sentinel's readings: sentinel, sample, sentinel, sample, …, sentinel. */
function readRound(readings: readonly Reading[], pace: Pace): Round {
  const sentinels = readings
    .filter((_, i) => i % 2 === 0)
    .map((reading) => {
      const isWhole = !wasPreempted(reading);
      return { reading, isWhole, isUsual: isWhole && pace.isUsual(reading.wallUs) };
    });
  const samples = sentinels.slice(1).flatMap((after, i): Sample[] => {
    const [before, sample] = [sentinels[i], readings[2 * i + 1]];
    if (before === undefined || sample === undefined) return [];
    const slow = before.isUsual && after.isUsual ? 'none' : 'slow-core';
    return [
      {
        elapsedMs: sample.wallUs / 1000,
        sentinelMs: Math.max(before.reading.wallUs, after.reading.wallUs) / 1000,
        disturbance: wasPreempted(sample) ? 'preempted' : slow,
      },
    ];
  });
  const whole = sentinels.filter(({ isWhole }) => isWhole);
  return {
    samples,
    usualShare: whole.length === 0 ? 1 : mean(whole.map(({ isUsual }) => Number(isUsual))),
    elapsedMs: readings.reduce((sum, { wallUs }) => sum + wallUs, 0) / 1000,
  };
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
