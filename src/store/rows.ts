import { digestOf } from '../base/digest.ts';
import type { EpochReport, RungResult, Trial } from '../objective/trial.ts';
import type { Circumstances, Owner, RunState, StoredRun, StoredRung } from './store.ts';
import { damaged, storedNumbers, storedObject, storedObjects } from './stored-json.ts';

/** Rows as SQLite holds them, and their way to and from our types. */

export interface RunRow {
  readonly number: number;
  readonly state: RunState;
  readonly config: string;
  readonly seed: string;
  readonly space: string;
  readonly space_digest: string;
  readonly dataset_digest: string;
  readonly trainer_digest: string;
  readonly code_version: string;
  readonly created_at: string;
  readonly seconds: number;
  readonly owner_process: number | null;
  readonly owner_host: string | null;
  readonly owner_started: string | null;
}

/** With its latency tables, the first device's first. */
export function runFromRow(row: RunRow, tables: readonly string[]): StoredRun {
  const id = `r${row.number}`;
  const [table = '', ...otherTables] = tables;
  return {
    id,
    state: row.state,
    config: storedObject(row.config, `run ${id}: config`),
    seed: row.seed,
    space: storedObject(row.space, `run ${id}: space`),
    spaceDigest: row.space_digest,
    table,
    ...(otherTables.length === 0 ? {} : { otherTables }),
    tableDigest: digestOf(tables),
    datasetDigest: row.dataset_digest,
    trainerDigest: row.trainer_digest,
    codeVersion: row.code_version,
    createdAt: row.created_at,
    seconds: row.seconds,
  };
}

/** Who holds a run; `here` is this machine's name, which the owners of before version 2 do not say. */
export function ownerOf(
  row: Pick<RunRow, 'owner_process' | 'owner_host' | 'owner_started'>,
  here: string,
): Owner | undefined {
  if (row.owner_process === null) return undefined;
  return {
    processId: row.owner_process,
    host: row.owner_host ?? here,
    started: row.owner_started ?? '',
  };
}

export interface TrialRow {
  readonly number: number;
  readonly state: Trial['state'];
  readonly genotype: string;
  readonly architecture: string | null;
  readonly goal: number | null;
  readonly latency_ms: number;
  readonly latencies_ms: string | null;
  readonly accuracy: number | null;
  readonly params: number | null;
  readonly macs: number | null;
  readonly cpu_seconds: number | null;
  readonly epochs: string | null;
  readonly attempts: number | null;
  /** Why it is not completed. */
  readonly reason: string | null;
  readonly note: string | null;
}

/** All of a trial but its rungs, which have a table of their own. */
export function trialToRow(trial: Trial): TrialRow {
  const completed = trial.state === 'completed' ? trial : undefined;
  const trained = trial.state === 'stopped' ? trial : completed;
  const attempts = trial.state === 'infeasible' ? undefined : trial.attempts;
  return {
    number: trial.number,
    state: trial.state,
    genotype: JSON.stringify(trial.genotype),
    architecture: trial.architecture ?? null,
    goal: trial.goal ?? null,
    latency_ms: trial.latencyMs,
    latencies_ms: trial.latenciesMs === undefined ? null : JSON.stringify(trial.latenciesMs),
    accuracy: completed?.accuracy ?? null,
    params: trained?.params ?? null,
    macs: trained?.macs ?? null,
    cpu_seconds: completed?.cpuSeconds ?? null,
    epochs: completed === undefined ? null : JSON.stringify(completed.epochs),
    attempts: attempts ?? null,
    reason: reasonOf(trial) ?? null,
    note: completed?.note ?? null,
  };
}

function reasonOf(trial: Trial): string | undefined {
  switch (trial.state) {
    case 'completed':
      return undefined;
    case 'stopped':
    case 'infeasible':
      return trial.reason;
    case 'failed':
      return trial.error;
  }
}

export function trialFromRow(row: TrialRow, rungs: readonly RungResult[]): Trial {
  const base = {
    number: row.number,
    genotype: storedNumbers(row.genotype, `trial ${row.number}: genotype`),
    ...(row.architecture === null ? {} : { architecture: row.architecture }),
    latencyMs: row.latency_ms,
    ...(row.latencies_ms === null
      ? {}
      : { latenciesMs: storedNumbers(row.latencies_ms, `trial ${row.number}: latencies`) }),
    ...(row.goal === null ? {} : { goal: row.goal }),
  };
  const attempts = row.attempts === null ? {} : { attempts: row.attempts };
  const passed = rungs.length === 0 ? {} : { rungs };
  switch (row.state) {
    case 'completed':
      return {
        ...base,
        ...attempts,
        ...passed,
        state: 'completed',
        accuracy: row.accuracy ?? 0,
        params: row.params ?? 0,
        macs: row.macs ?? 0,
        epochs: epochsOf(row.epochs ?? '[]', row.number),
        cpuSeconds: row.cpu_seconds ?? 0,
        ...(row.note === null ? {} : { note: row.note }),
      };
    case 'stopped':
      return {
        ...base,
        ...attempts,
        rungs,
        state: 'stopped',
        params: row.params ?? 0,
        macs: row.macs ?? 0,
        reason: row.reason ?? '',
      };
    case 'infeasible':
      return { ...base, state: 'infeasible', reason: row.reason ?? '' };
    case 'failed':
      return { ...base, ...attempts, ...passed, state: 'failed', error: row.reason ?? '' };
    default:
      throw damaged(row.state, `trial ${row.number}: state`, 'completed, stopped, infeasible or failed');
  }
}

export interface CircumstancesRow {
  readonly number: number;
  readonly trainer: string | null;
  readonly device: string | null;
  readonly started_at: string | null;
  readonly finished_at: string;
}

/** `undefined` for trials of before version 2. */
export function circumstancesFromRow(row: CircumstancesRow): Circumstances | undefined {
  if (row.trainer === null || row.device === null || row.started_at === null) return undefined;
  return {
    trainer: row.trainer,
    device: row.device,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

export interface RungRow {
  readonly trial: number;
  readonly rung: number;
  readonly accuracy: number;
  readonly epochs: string;
  readonly cpu_seconds: number;
  readonly weights: string | null;
}

export function rungFromRow(row: RungRow): StoredRung {
  return {
    trial: row.trial,
    ...rungResultFromRow(row),
    ...(row.weights === null ? {} : { weights: row.weights }),
  };
}

export function rungResultFromRow(row: RungRow): RungResult {
  return {
    rung: row.rung,
    accuracy: row.accuracy,
    epochs: epochsOf(row.epochs, row.trial),
    cpuSeconds: row.cpu_seconds,
  };
}

function epochsOf(text: string, trial: number): readonly EpochReport[] {
  return storedObjects(text, `trial ${trial}: epochs`) as readonly EpochReport[];
}
