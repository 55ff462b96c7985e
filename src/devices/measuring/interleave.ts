import { NasError } from '../../base/errors.ts';
import { type Rng, shuffle } from '../../base/rng.ts';
import { RunnerLost } from '../runner-client.ts';
import type { Loaded, Reading } from '../runner-protocol.ts';
import { judge, MINIMUM_SAMPLES } from './accept.ts';
import type { Effort } from './effort.ts';
import type { Pace } from './pace.ts';
import { type Sample, wasPreempted } from './sample.ts';
import type { Sampler, Subject } from './sampler.ts';
import { type Summary, summarize } from './summarize.ts';

export interface Measured extends Summary {
  readonly key: string;
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
        readSamples(readings, pace).forEach((sample, i) => turns[i]?.samples.push(sample));
        const finished = open.flatMap((each) => {
          const measured = resultOf(each, effort);
          return measured === undefined ? [] : [{ each, measured }];
        });
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
    const left = open.map(({ subject }) => subject.key);
    if (ready && left.length > 0 && !signal?.aborted) await sampler.unload(left).catch(() => {});
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

/** The numbers of a subject; undefined while it needs more samples. */
function resultOf({ subject, loaded, samples }: OpenSubject, effort: Effort): Measured | undefined {
  const { copies, overheadUs } = loaded;
  const verdict = judge(samples, effort);
  switch (verdict.state) {
    case 'more':
      return undefined;
    case 'complete': {
      const latenciesMs = verdict.acceptedMs.map((ms) => Math.max(0, ms - overheadUs / 1000) / copies);
      return { key: subject.key, ...summarize(latenciesMs, samples.length - latenciesMs.length) };
    }
    case 'hopeless':
      throw new NasError(subject.key, {
        found: `other programs disturbed nearly all of ${samples.length} samples`,
        expected: `at least ${MINIMUM_SAMPLES} undisturbed ones`,
        next: 'end what else keeps the machine busy and measure again; what is measured stays',
      });
  }
}
