import type { ParetoPoint } from '../objective/pareto.ts';
import type { CompletedTrial, RungResult, Trial } from '../objective/trial.ts';

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
  /** Those of the run's other devices, in their order, where it has several. */
  readonly otherTables?: readonly string[];
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
  /** Of all its tables as printed. */
  readonly tableDigest: string;
  /** Wall time worked on the run, over all its sessions. */
  readonly seconds: number;
}

/** A run as lists have it, without what is large of it. */
export interface RunSummary
  extends Pick<StoredRun, 'id' | 'state' | 'config' | 'seed' | 'createdAt' | 'seconds'> {
  /** Its name. */
  readonly space: string;
  /** Their names in latency tables, the first device first. */
  readonly devices: readonly string[];
  readonly trials: number;
  readonly completed: number;
}

/** The figures of a completed trial, which is what fronts are made of. */
export type TrialFigures = Pick<CompletedTrial, 'number' | 'accuracy' | 'latencyMs' | 'params' | 'macs'>;

/** A completed trial with its place in the space. */
export interface TrialChoices extends Pick<TrialFigures, 'number' | 'accuracy' | 'latencyMs'> {
  readonly genotype: readonly number[];
}

/** A trial that came to no accuracy, and why. */
export interface TrialTrouble {
  readonly number: number;
  readonly state: Exclude<Trial['state'], 'completed'>;
  readonly reason: string;
}

/** The most accurate trial under a target. */
export interface BestTrial extends Pick<TrialFigures, 'number' | 'accuracy' | 'latencyMs'> {
  /** By which it is under the target; `null` where nothing of the run was measured and the estimate has to do. */
  readonly measuredMs: number | null;
}

/** A process that works on a run. */
export interface Owner {
  readonly processId: number;
  readonly host: string;
  /** When it began, in its system's own words: tells it from a later process of the same number. */
  readonly started: string;
}

/** How a trial came about, which may be otherwise when a run is repeated. */
export interface Circumstances {
  readonly trainer: string;
  /** Whose latencies the trial has: the first device of the run. */
  readonly device: string;
  /** ISO 8601; of what is left of it, where the run was interrupted meanwhile. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** A result of a rung before the full training. */
export interface StoredRung extends RungResult {
  readonly trial: number;
  /** A file of the weights, which the next rung may begin with. */
  readonly weights?: string;
}

/** A training that failed. */
export interface Failure {
  readonly trial: number;
  /** From 1. */
  readonly attempt: number;
  readonly error: string;
}

/** What a search learned, in the order in which it did: the end of a trial, or the result of one of its rungs. */
export interface Tell {
  readonly trial: number;
  /** Left out where the trial has ended. */
  readonly rung?: number;
}

/** What a strategy said of itself after the tells up to a position. */
export interface Update {
  /** Of the last of its tells, from 0. */
  readonly position: number;
  readonly diagnostics: Readonly<Record<string, number>>;
}

/** Something that happened to a run, for people to read. */
export interface RunEvent {
  /** ISO 8601. */
  readonly at: string;
  /** `begun`, `resumed`, `interrupted`, `finished`, `failed attempt`, … */
  readonly kind: string;
  readonly trial?: number;
  readonly message: string;
}

/** Latency of a network measured as a whole, after the search. */
export interface Measurement {
  readonly trial: number;
  /** Which of the run's devices; left out for the first. */
  readonly device?: number;
  readonly medianMs: number;
  readonly madMs: number;
  readonly samples: number;
}

/** A candidate whose accuracy was inherited, trained on its own after the search. */
export interface Retraining {
  readonly trial: number;
  /** After the training, on the validation images. */
  readonly accuracy: number;
  readonly cpuSeconds: number;
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
   * Claims a run for a process; refuses one that another living process holds. A process of another machine counts
   * as living unless `takeOver` says otherwise. The claim ends with `release`, or with the process.
   */
  claim(id: string, owner: Owner, takeOver?: boolean): void;
  release(id: string): void;
  append(id: string, trial: Trial, circumstances: Circumstances): void;
  /** By number. */
  trials(id: string): readonly Trial[];
  trialCounts(id: string): Pick<RunSummary, 'trials' | 'completed'>;
  trial(id: string, number: number): Trial | undefined;
  /** Of the completed trials, with their latencies on the first or another of the run's devices; fastest first. */
  figures(id: string, device?: number): readonly TrialFigures[];
  /** Those of `figures` in their order, with what plots are drawn from alone. */
  points(id: string, device?: number): readonly ParetoPoint[];
  /** `paretoFront` of `figures`, without reading all of them. */
  front(id: string, device?: number): readonly TrialFigures[];
  bestUnder(id: string, targetMs: number, device?: number): BestTrial | undefined;
  /** Of the completed trials, by number, with their latencies on the first or another of the run's devices. */
  choices(id: string, device?: number): readonly TrialChoices[];
  /** Of the trials that were not completed, by number. */
  trouble(id: string): readonly TrialTrouble[];
  /** By trial; runs of before nas 0.2 have none. */
  circumstances(id: string): ReadonlyMap<number, Circumstances>;
  /** Once for each rung of a trial; the same again changes nothing, another is refused. */
  appendRung(id: string, rung: StoredRung, finishedAt: string): void;
  /** By trial and rung, of trials under way as well. */
  rungs(id: string): readonly StoredRung[];
  /** The same again changes nothing. */
  appendFailure(id: string, failure: Failure, failedAt: string): void;
  /** By trial and attempt. */
  failures(id: string): readonly Failure[];
  /** Adds to the order in which the search learned; each thing once. */
  appendTells(id: string, tells: readonly Tell[]): void;
  /** In their order. */
  tells(id: string): readonly Tell[];
  /** The last one of a position stays. */
  saveUpdate(id: string, update: Update): void;
  updates(id: string): readonly Update[];
  addEvent(id: string, event: RunEvent): void;
  /** In their order. */
  events(id: string): readonly RunEvent[];
  saveMeasurement(id: string, measurement: Measurement): void;
  measurements(id: string): readonly Measurement[];
  saveProxyCheck(key: string, check: unknown, madeAt: string): void;
  /** The document saved last under a key. */
  proxyCheck(key: string): unknown;
  /** Replaces one of the same space and images. */
  saveSupernet(spaceDigest: string, datasetDigest: string, record: unknown, madeAt: string): void;
  /** The record saved last. */
  supernet(spaceDigest: string, datasetDigest: string): unknown;
  /** What came of a stage that follows the search; the last one of its name stays. */
  saveStage(id: string, stage: string, outcome: unknown, finishedAt: string): void;
  /** By name. */
  stages(id: string): ReadonlyMap<string, unknown>;
  saveRetraining(id: string, retraining: Retraining): void;
  /** By trial. */
  retrainings(id: string): readonly Retraining[];
  close(): void;
}
