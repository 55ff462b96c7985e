import { rmSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import { describeCandidate } from '../flows/candidate.ts';
import { type SearchLog, search } from '../flows/search.ts';
import { printTable } from '../latency/print-table.ts';
import { createSearchProgress } from '../report/search-progress.ts';
import type { RunOrigin, Store, StoredRun, StoredRung } from '../store/store.ts';
import type { Trainer } from '../trainers/trainer.ts';
import { type Checkpoints, checkpointsOf } from './checkpoints.ts';
import { Interrupted } from './exit.ts';
import { createGoals } from './search-goals.ts';
import type { PreparedSearch } from './search-setup.ts';
import type { SearchTrainers } from './search-trainers.ts';
import { VERSION } from './version.ts';
import type { Work } from './work.ts';

export interface TrainedRun {
  readonly trainSeconds: number;
  /** Proposals that were refused before any training. */
  readonly refused: number;
}

/** The run that is gone on with, or a new one. */
export function beginRun(prepared: PreparedSearch, trainers: SearchTrainers, store: Store): string {
  const { begun } = prepared;
  const origin = originOf(prepared, trainers);
  if (begun !== undefined) refuseChanged(begun, origin);
  return (begun ?? store.createRun(origin, systemClock.timestamp())).id;
}

/** Ends with all trials of a run stored. Its time counts from `startMs`, monotonic. */
export async function trainTrials(
  id: string,
  prepared: PreparedSearch,
  trainers: SearchTrainers,
  { store, startMs }: { readonly store: Store; readonly startMs: number },
  { progress, signal, nowMs }: Work,
): Promise<TrainedRun> {
  const { begun, config, ladder, proxy, space, datasets, deployed } = prepared;
  const { parallelism } = trainers.byRung.at(-1) ?? trainers.byRung[0];
  const happened = (kind: string, message: string): void =>
    store.addEvent(id, { at: systemClock.timestamp(), kind, message });
  happened(begun === undefined ? 'begun' : 'resumed', `nas ${VERSION}, ${parallelism} trainings at once`);
  progress.line(
    `run      ${id}: ${budgetOf(config)} with ${config.strategy}, ${parallelism} at once` +
      (config.inFlight === undefined ? '' : `, ${config.inFlight} under way`),
  );
  const checkpoints = checkpointsOf(id);
  // Of a run that had the same name in a database that is gone.
  if (begun === undefined) checkpoints.removeAll();

  const secondsBefore = begun?.seconds ?? 0;
  let countedMs = startMs;
  /** So that no more than a trial's time is lost to a kill. */
  const countTime = (): void => {
    const now = nowMs();
    store.addSeconds(id, (now - countedMs) / 1000);
    countedMs = now;
  };
  const { timeMs } = config;
  const leftMs = (limitMs: number): number => limitMs - 1000 * secondsBefore - (nowMs() - startMs);

  const trainStartMs = nowMs();
  const goals = createGoals(prepared);
  const shown = createSearchProgress({
    progress,
    trials: config.trials,
    secondsLeft: timeMs === undefined ? undefined : () => leftMs(timeMs) / 1000,
    targetsMs: config.targetsMs,
    parallelism,
    nowMs,
  });
  const redrawing = setInterval(shown.redraw, 1000);
  try {
    const events = search(
      { ...config, multiObjective: config.strategy === 'nsga2' },
      {
        goals: goals.goals,
        claimed: goals.claimed,
        candidate: describeCandidate({
          space,
          proxy,
          ladder,
          datasets,
          deployed,
          infeasible: goals.infeasible,
        }),
        trainers: trainers.byRung,
        log: logOf(store, id, prepared, trainers.byRung, checkpoints, countTime),
        checkpoint: checkpoints.pathOf,
        timestamp: () => systemClock.timestamp(),
        ...(timeMs === undefined ? {} : { isTimeUp: () => leftMs(timeMs) <= 0 }),
      },
      signal,
    );
    for await (const event of events) shown.on(event);
  } finally {
    clearInterval(redrawing);
    progress.clear();
    countTime();
    const trials = store.trialCounts(id).trials;
    happened(signal.aborted ? 'interrupted' : 'trained', `${trials} trials`);
  }
  if (signal.aborted) {
    const of = config.trials === undefined ? '' : ` of ${config.trials}`;
    throw new Interrupted(
      `stopped after ${store.trialCounts(id).trials}${of} trials; go on with: nas search --resume ${id}`,
    );
  }
  checkpoints.removeAll();
  return { trainSeconds: (nowMs() - trainStartMs) / 1000, refused: goals.refused() };
}

function originOf(
  { config, source, space, tables, datasets }: PreparedSearch,
  { digest }: SearchTrainers,
): RunOrigin {
  const [table, ...otherTables] = tables.map(printTable);
  return {
    config,
    seed: config.seed,
    space: source,
    spaceDigest: space.digest,
    table: table ?? '',
    ...(otherTables.length === 0 ? {} : { otherTables }),
    datasetDigest: (datasets.at(-1) ?? datasets[0]).digest,
    trainerDigest: digest,
    codeVersion: VERSION,
  };
}

/** The store as the search sees it. */
function logOf(
  store: Store,
  id: string,
  { tables }: PreparedSearch,
  trainers: readonly [Trainer, ...Trainer[]],
  checkpoints: Checkpoints,
  countTime: () => void,
): SearchLog {
  const { device } = tables[0].provenance;
  const { name: trainer } = trainers.at(-1) ?? trainers[0];
  /** Files of weights between rungs, by trial: not needed once it has ended. */
  const weightsOf = new Map<number, string[]>();
  const keep = ({ trial, weights }: StoredRung): void => {
    if (weights !== undefined) weightsOf.set(trial, [...(weightsOf.get(trial) ?? []), weights]);
  };
  for (const rung of store.rungs(id)) keep(rung);
  return {
    trials: () => store.trials(id),
    rungs: () => store.rungs(id),
    failures: () => store.failures(id),
    tells: () => store.tells(id),
    updates: () => store.updates(id),
    append(trial, startedAt) {
      store.append(id, trial, { trainer, device, startedAt, finishedAt: systemClock.timestamp() });
      countTime();
      checkpoints.remove(trial.number);
      for (const weights of weightsOf.get(trial.number) ?? []) rmSync(weights, { force: true });
    },
    appendRung(rung) {
      store.appendRung(id, rung, systemClock.timestamp());
      keep(rung);
    },
    appendFailure: (failure) => store.appendFailure(id, failure, systemClock.timestamp()),
    appendTells: (tells) => store.appendTells(id, tells),
    saveUpdate: (update) => store.saveUpdate(id, update),
  };
}

function budgetOf({ trials, timeMs }: PreparedSearch['config']): string {
  const time = timeMs === undefined ? [] : [`${(timeMs / 60_000).toPrecision(3)} min`];
  return [...(trials === undefined ? [] : [`${trials} trials`]), ...time].join(' or ');
}

function refuseChanged(begun: StoredRun, now: Pick<StoredRun, 'datasetDigest' | 'trainerDigest'>): void {
  for (const [what, before, after] of [
    ['dataset', begun.datasetDigest, now.datasetDigest],
    ['trainer', begun.trainerDigest, now.trainerDigest],
  ] as const) {
    if (before !== after) {
      throw new NasError(`run ${begun.id}`, {
        found: `another ${what} than the one it began with (nas ${begun.codeVersion}, here ${VERSION})`,
        expected: `the same ${what}, so that all its accuracies can be compared`,
        next: `bring the old ${what} back, or begin a new run`,
      });
    }
  }
}
