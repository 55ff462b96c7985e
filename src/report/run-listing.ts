import type { BestTrial, RunSummary } from '../store/store.ts';

/** What a run was told to do, as far as its config can be read. */
export interface ListedConfig {
  readonly targetsMs: readonly number[];
  readonly strategy: string | undefined;
  readonly dataset: string | undefined;
  readonly trainer: string;
  /** Trials that it is to have. */
  readonly budget: number | undefined;
  /** Over all its sessions; after it no more trainings are begun. */
  readonly timeMs: number | undefined;
}

/** The most accurate trial under a target, as programs and pages read of it. */
export interface ListedBest {
  readonly trial: number;
  readonly accuracy: number;
  /** Estimated. */
  readonly latencyMs: number;
  /** `null` where nothing of the run was measured, and the estimate has to do. */
  readonly measuredMs: number | null;
}

/** One run of `nas runs --json`, and of the pages. */
export interface RunListing
  extends Pick<RunSummary, 'state' | 'space' | 'devices' | 'seed' | 'trials' | 'completed' | 'seconds'> {
  readonly run: string;
  readonly targetMs: number | null;
  readonly targetsMs: readonly number[];
  readonly strategy: string | null;
  readonly dataset: string | null;
  readonly trainer: string;
  readonly budget: number | null;
  /** Under the first target. */
  readonly best: ListedBest | null;
  /** Whether there is a network under each of the targets; `null` where no target is known. */
  readonly targetMet: boolean | null;
  /** Over all the time that was worked on it; `null` before the first trial. */
  readonly trialsPerMinute: number | null;
  /** Of a running one, at that pace or until its time is up; `null` where that cannot be told. */
  readonly secondsLeft: number | null;
  readonly createdAt: string;
}

/** `best` holds the most accurate trial under each target of the run. */
export function runListing(
  run: RunSummary,
  config: ListedConfig,
  best: readonly (BestTrial | undefined)[],
): RunListing {
  const { state, space, devices, seed, trials, completed, seconds, createdAt } = run;
  const { targetsMs, budget = null, strategy = null, dataset = null, trainer } = config;
  const [first] = best;
  return {
    ...{ run: run.id, state, space, devices, targetMs: targetsMs[0] ?? null, targetsMs },
    ...{ strategy, dataset, trainer, seed, trials, completed, budget },
    best: first === undefined ? null : listedBest(first),
    targetMet: targetsMs.length === 0 ? null : best.every((found) => found !== undefined),
    trialsPerMinute: trials === 0 || seconds === 0 ? null : (60 * trials) / seconds,
    secondsLeft: state === 'running' ? secondsLeft(run, config) : null,
    ...{ seconds, createdAt },
  };
}

export function listedBest({ number, accuracy, latencyMs, measuredMs }: BestTrial): ListedBest {
  return { trial: number, accuracy, latencyMs, measuredMs };
}

function secondsLeft({ trials, seconds }: RunSummary, { budget, timeMs }: ListedConfig): number | null {
  const byTrials =
    budget === undefined || trials === 0 || seconds === 0
      ? undefined
      : ((budget - trials) * seconds) / trials;
  const byTime = timeMs === undefined ? undefined : timeMs / 1000 - seconds;
  const limits = [byTrials, byTime].filter((limit) => limit !== undefined);
  return limits.length === 0 ? null : Math.max(0, Math.min(...limits));
}
