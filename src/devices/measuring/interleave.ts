import { setImmediate } from 'node:timers/promises';
import { NasError } from '../../base/errors.ts';
import { type Rng, shuffle } from '../../base/rng.ts';
import { judge, MINIMUM_SAMPLES } from './accept.ts';
import type { Effort } from './effort.ts';
import type { Sample, Stopwatch } from './stopwatch.ts';
import { type Summary, summarize } from './summarize.ts';

/** Something that can be run again and again. */
export interface Workload {
  run(): Promise<void>;
  /** What one run says in milliseconds, from the time it took: takes off overhead, divides by copies. */
  latencyMs(elapsedMs: number): number;
  close(): void;
}

/** A workload by name, made only when its turn comes: hundreds do not fit into memory at once. */
export interface Subject {
  readonly key: string;
  open(): Promise<Workload>;
}

export interface Measured extends Summary {
  readonly key: string;
}

interface OpenSubject {
  readonly key: string;
  readonly workload: Workload;
  readonly samples: Sample[];
}

/**
 * Measures workloads in rounds. A round takes one sample of every open workload, in shuffled order; each
 * opens one more, so that workloads also finish one by one and each result is out as soon as it is complete.
 * Disturbed samples are thrown away and taken again; they are never averaged in.
 */
export async function* measureInterleaved(
  subjects: readonly Subject[],
  effort: Effort,
  stopwatch: Stopwatch,
  rng: Rng,
): AsyncGenerator<Measured> {
  const waiting = [...subjects];
  let open: OpenSubject[] = [];
  try {
    while (waiting.length + open.length > 0) {
      const next = open.length < effort.window ? waiting.shift() : undefined;
      if (next !== undefined) {
        open.push({ key: next.key, workload: await next.open(), samples: [] });
      }
      for (const { workload, samples } of shuffle([...open], rng)) {
        samples.push(await stopwatch.time(() => workload.run()));
      }
      for (const subject of open) {
        const measured = resultOf(subject, effort);
        if (measured === undefined) continue;
        open = open.filter((other) => other !== subject);
        subject.workload.close();
        yield measured;
      }
      // Running WebAssembly never waits for anything; this lets in a closed input or an abort.
      await setImmediate();
    }
  } finally {
    for (const { workload } of open) workload.close();
  }
}

/** The numbers of a workload; undefined while it needs more samples. */
function resultOf({ key, workload, samples }: OpenSubject, effort: Effort): Measured | undefined {
  const verdict = judge(samples, effort);
  switch (verdict.state) {
    case 'more':
      return undefined;
    case 'complete': {
      const latenciesMs = verdict.acceptedMs.map((elapsedMs) => workload.latencyMs(elapsedMs));
      return { key, ...summarize(latenciesMs, samples.length - latenciesMs.length) };
    }
    case 'hopeless':
      throw new NasError(key, {
        found: `other programs disturbed nearly all of ${samples.length} samples`,
        expected: `at least ${MINIMUM_SAMPLES} undisturbed ones`,
        next: 'end what else keeps the machine busy and measure again; what is measured stays',
      });
  }
}
