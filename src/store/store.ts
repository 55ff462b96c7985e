import type { Trial } from '../objective/trial.ts';

export type RunState = 'running' | 'interrupted' | 'finished';

/** What a run is a function of. Kept whole, so that a run can be continued when its files have changed. */
export interface RunOrigin {
  /** As the command line read it. */
  readonly config: unknown;
  readonly seed: string;
  /** The space's document. */
  readonly space: unknown;
  readonly spaceDigest: string;
  /** The latency table as printed, restricted to nothing: every estimate of the run comes from it. */
  readonly table: string;
  readonly datasetDigest: string;
  readonly trainerDigest: string;
  readonly codeVersion: string;
}

export interface StoredRun extends RunOrigin {
  /** Short: `r1`, `r2`, … */
  readonly id: string;
  readonly state: RunState;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Wall time worked on the run, over all its sessions. */
  readonly seconds: number;
}

export interface RunSummary extends StoredRun {
  readonly trials: number;
  readonly completed: number;
}

/** Latency of a network measured as a whole, after the search. */
export interface Measurement {
  readonly trial: number;
  readonly medianMs: number;
  readonly madMs: number;
  readonly samples: number;
}

/** Runs and their trials in one file.
 *
 * Guarantees: what a method stored is durable when it returns and is stored whole or not at all; a trial is stored
 * once, the same again changes nothing, another one under its number is refused; readers never wait for a writer;
 * every failure is a NasError that names the file, and leaves it as it was.
 */
export interface Store {
  readonly file: string;
  createRun(origin: RunOrigin, createdAt: string): StoredRun;
  /** Throws where there is no run of that id. */
  run(id: string): StoredRun;
  /** Newest first. */
  runs(): readonly RunSummary[];
  setState(id: string, state: RunState): void;
  addSeconds(id: string, seconds: number): void;
  /**
   * Claims a run for this process; refuses one that a living process of this machine holds.
   * The claim ends with `release`, or with the process.
   */
  claim(id: string, processId: number): void;
  release(id: string): void;
  append(id: string, trial: Trial, finishedAt: string): void;
  /** By number. */
  trials(id: string): readonly Trial[];
  saveMeasurement(id: string, measurement: Measurement): void;
  measurements(id: string): readonly Measurement[];
  saveProxyCheck(key: string, check: unknown, madeAt: string): void;
  /** The document saved last under a key. */
  proxyCheck(key: string): unknown;
  close(): void;
}
