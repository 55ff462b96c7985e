import type { EpochReport, Trial } from '../objective/trial.ts';
import type { RunState, StoredRun } from './store.ts';

/** Rows as SQLite holds them, and their way to and from our types. */

export interface RunRow {
  readonly number: number;
  readonly state: RunState;
  readonly config: string;
  readonly seed: string;
  readonly space: string;
  readonly space_digest: string;
  readonly latency_table: string;
  readonly dataset_digest: string;
  readonly trainer_digest: string;
  readonly code_version: string;
  readonly created_at: string;
  readonly seconds: number;
  readonly owner_process: number | null;
}

export function runFromRow(row: RunRow): StoredRun {
  return {
    id: `r${row.number}`,
    state: row.state,
    config: JSON.parse(row.config),
    seed: row.seed,
    space: JSON.parse(row.space),
    spaceDigest: row.space_digest,
    table: row.latency_table,
    datasetDigest: row.dataset_digest,
    trainerDigest: row.trainer_digest,
    codeVersion: row.code_version,
    createdAt: row.created_at,
    seconds: row.seconds,
  };
}

export interface TrialRow {
  readonly number: number;
  readonly state: Trial['state'];
  readonly genotype: string;
  readonly latency_ms: number;
  readonly accuracy: number | null;
  readonly params: number | null;
  readonly macs: number | null;
  readonly cpu_seconds: number | null;
  readonly epochs: string | null;
  /** Of an infeasible trial; the error of a failed one. */
  readonly reason: string | null;
}

export function trialToRow(trial: Trial): TrialRow {
  const { number, state, genotype, latencyMs } = trial;
  const completed = trial.state === 'completed' ? trial : undefined;
  return {
    number,
    state,
    genotype: JSON.stringify(genotype),
    latency_ms: latencyMs,
    accuracy: completed?.accuracy ?? null,
    params: completed?.params ?? null,
    macs: completed?.macs ?? null,
    cpu_seconds: completed?.cpuSeconds ?? null,
    epochs: completed === undefined ? null : JSON.stringify(completed.epochs),
    reason: trial.state === 'failed' ? trial.error : trial.state === 'infeasible' ? trial.reason : null,
  };
}

export function trialFromRow(row: TrialRow): Trial {
  const base = {
    number: row.number,
    genotype: JSON.parse(row.genotype) as readonly number[],
    latencyMs: row.latency_ms,
  };
  switch (row.state) {
    case 'completed':
      return {
        ...base,
        state: 'completed',
        accuracy: row.accuracy ?? 0,
        params: row.params ?? 0,
        macs: row.macs ?? 0,
        epochs: JSON.parse(row.epochs ?? '[]') as readonly EpochReport[],
        cpuSeconds: row.cpu_seconds ?? 0,
      };
    case 'infeasible':
      return { ...base, state: 'infeasible', reason: row.reason ?? '' };
    case 'failed':
      return { ...base, state: 'failed', error: row.reason ?? '' };
  }
}
