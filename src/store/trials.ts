import { canonicalJson } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import type { RungResult, Trial } from '../objective/trial.ts';
import type { Connection } from './connection.ts';
import {
  type CircumstancesRow,
  circumstancesFromRow,
  type RungRow,
  rungFromRow,
  rungResultFromRow,
  type TrialRow,
  trialFromRow,
  trialToRow,
} from './rows.ts';
import type { Failure, Store } from './store.ts';

type TrialStore = Pick<
  Store,
  'append' | 'trials' | 'circumstances' | 'appendRung' | 'rungs' | 'appendFailure' | 'failures'
>;

/** Trials, the rungs they went through and the attempts that failed. */
export function createTrialStore({ file, database, guarded, transaction, numberOf }: Connection): TrialStore {
  /** Rungs by trial, of one trial or of all of a run. */
  const rungsOf = (run: number, trial: number | null): ReadonlyMap<number, readonly RungResult[]> => {
    const rows = database
      .prepare('SELECT * FROM rung_results WHERE run = ? AND trial = ifnull(?, trial) ORDER BY trial, rung')
      .all(run, trial) as readonly RungRow[];
    const byTrial = new Map<number, RungResult[]>();
    for (const row of rows) {
      const rungs = byTrial.get(row.trial) ?? [];
      rungs.push(rungResultFromRow(row));
      byTrial.set(row.trial, rungs);
    }
    return byTrial;
  };
  const refuse = (what: string): never => {
    throw new NasError(`${file}: ${what}`, {
      found: 'another result under this number',
      expected: 'a trial to be stored once',
      next: 'nas runs shows whether two searches share the run',
    });
  };

  return {
    append: (id, trial, { trainer, device, startedAt, finishedAt }) =>
      transaction(() => {
        const run = numberOf(id);
        const { number } = trial;
        const rungs = rungsOf(run, number).get(number) ?? [];
        const stored = database
          .prepare('SELECT * FROM trials WHERE run = ? AND number = ?')
          .get(run, number) as TrialRow | undefined;
        if (stored !== undefined) {
          if (canonicalJson(trialFromRow(stored, rungs)) === canonicalJson(trial)) return;
          refuse(`trial ${id}/${number}`);
        }
        const claimed = trial.state === 'infeasible' ? [] : (trial.rungs ?? []);
        if (canonicalJson(claimed) !== canonicalJson(rungs)) {
          throw new RangeError(`trial ${number} has other rungs than were stored of it`);
        }
        database
          .prepare(
            `INSERT INTO trials (run, number, state, genotype, architecture, goal, latency_ms, latencies_ms, accuracy,
                                 params, macs, cpu_seconds, epochs, attempts, reason, note, trainer, device,
                                 started_at, finished_at)
             VALUES (@run, @number, @state, @genotype, @architecture, @goal, @latency_ms, @latencies_ms, @accuracy,
                     @params, @macs, @cpu_seconds, @epochs, @attempts, @reason, @note, @trainer, @device,
                     @startedAt, @finishedAt)`,
          )
          .run({ ...trialToRow(trial), run, trainer, device, startedAt, finishedAt });
      }),
    trials: (id) =>
      guarded(() => {
        const run = numberOf(id);
        const rows = database
          .prepare('SELECT * FROM trials WHERE run = ? ORDER BY number')
          .all(run) as readonly TrialRow[];
        const rungs = rungsOf(run, null);
        return rows.map((row): Trial => trialFromRow(row, rungs.get(row.number) ?? []));
      }),
    circumstances: (id) =>
      guarded(() => {
        const rows = database
          .prepare('SELECT number, trainer, device, started_at, finished_at FROM trials WHERE run = ?')
          .all(numberOf(id)) as readonly CircumstancesRow[];
        return new Map(
          rows.flatMap((row) => {
            const circumstances = circumstancesFromRow(row);
            return circumstances === undefined ? [] : [[row.number, circumstances] as const];
          }),
        );
      }),
    appendRung: (id, rung, finishedAt) =>
      transaction(() => {
        const run = numberOf(id);
        const stored = database
          .prepare('SELECT * FROM rung_results WHERE run = ? AND trial = ? AND rung = ?')
          .get(run, rung.trial, rung.rung) as RungRow | undefined;
        if (stored !== undefined) {
          if (canonicalJson(rungFromRow(stored)) === canonicalJson(rung)) return;
          refuse(`trial ${id}/${rung.trial}, rung ${rung.rung}`);
        }
        database
          .prepare(
            `INSERT INTO rung_results (run, trial, rung, accuracy, epochs, cpu_seconds, weights, finished_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(
            run,
            rung.trial,
            rung.rung,
            rung.accuracy,
            JSON.stringify(rung.epochs),
            rung.cpuSeconds,
            rung.weights ?? null,
            finishedAt,
          );
      }),
    rungs: (id) =>
      guarded(() =>
        database
          .prepare('SELECT * FROM rung_results WHERE run = ? ORDER BY trial, rung')
          .all(numberOf(id))
          .map((row) => rungFromRow(row as RungRow)),
      ),
    appendFailure: (id, { trial, attempt, error }, failedAt) =>
      guarded(
        () =>
          void database
            .prepare(
              'INSERT OR IGNORE INTO failures (run, trial, attempt, error, failed_at) VALUES (?, ?, ?, ?, ?)',
            )
            .run(numberOf(id), trial, attempt, error, failedAt),
      ),
    failures: (id) =>
      guarded(
        () =>
          database
            .prepare('SELECT trial, attempt, error FROM failures WHERE run = ? ORDER BY trial, attempt')
            .all(numberOf(id)) as readonly Failure[],
      ),
  };
}
