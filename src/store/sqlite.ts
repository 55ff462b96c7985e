import { canonicalJson } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import { explain, type OpenOptions, openDatabase } from './open-database.ts';
import { type RunRow, runFromRow, type TrialRow, trialFromRow, trialToRow } from './rows.ts';
import type { Store, StoredRun } from './store.ts';

/** Opens the store in a file, creating it where there is none. */
export function openStore(file: string, options: OpenOptions = {}): Store {
  const database = openDatabase(file, options);

  /** Runs a piece of work so that what the database throws is explained. */
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw explain(file, error);
    }
  };
  const numberOf = (id: string): number => {
    const number = Number(/^r([1-9]\d*)$/.exec(id)?.[1] ?? 0);
    if (database.prepare('SELECT 1 FROM runs WHERE number = ?').get(number) !== undefined) return number;
    const { last } = database.prepare('SELECT max(number) AS last FROM runs').get() as {
      last: number | null;
    };
    throw new NasError(file, {
      found: `no run '${id}'`,
      expected: last === null ? 'a stored run; there is none yet' : `a run such as r${last}`,
      next: last === null ? 'nas search --target 15ms' : 'nas runs lists them',
    });
  };
  const runRow = (number: number): RunRow =>
    database.prepare('SELECT * FROM runs WHERE number = ?').get(number) as RunRow;
  /** A run whose process was killed still says `running`. */
  const readRun = (row: RunRow): StoredRun => {
    const run = runFromRow(row);
    const abandoned = run.state === 'running' && (row.owner_process === null || !isAlive(row.owner_process));
    return abandoned ? { ...run, state: 'interrupted' } : run;
  };

  return {
    file,
    createRun: (origin, createdAt) =>
      guarded(() => {
        const { lastInsertRowid } = database
          .prepare(
            `INSERT INTO runs (state, config, seed, space, space_digest, latency_table, dataset_digest,
                               trainer_digest, code_version, created_at)
             VALUES ('running', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(
            JSON.stringify(origin.config),
            origin.seed,
            JSON.stringify(origin.space),
            origin.spaceDigest,
            origin.table,
            origin.datasetDigest,
            origin.trainerDigest,
            origin.codeVersion,
            createdAt,
          );
        return readRun(runRow(Number(lastInsertRowid)));
      }),
    run: (id) => guarded(() => readRun(runRow(numberOf(id)))),
    runs: () =>
      guarded(() =>
        database
          .prepare(
            `SELECT runs.*, count(trials.number) AS trials, count(trials.accuracy) AS completed
             FROM runs LEFT JOIN trials ON trials.run = runs.number
             GROUP BY runs.number ORDER BY runs.number DESC`,
          )
          .all()
          .map((row) => {
            const { trials, completed } = row as { trials: number; completed: number };
            return { ...readRun(row as RunRow), trials, completed };
          }),
      ),
    setState: (id, state) =>
      guarded(
        () => void database.prepare('UPDATE runs SET state = ? WHERE number = ?').run(state, numberOf(id)),
      ),
    addSeconds: (id, seconds) =>
      guarded(
        () =>
          void database
            .prepare('UPDATE runs SET seconds = seconds + ? WHERE number = ?')
            .run(seconds, numberOf(id)),
      ),
    claim: (id, processId) =>
      guarded(() =>
        database
          .transaction(() => {
            const number = numberOf(id);
            const { owner_process: owner } = runRow(number);
            if (owner !== null && owner !== processId && isAlive(owner)) {
              throw new NasError(`${file}: run ${id}`, {
                found: `process ${owner} is working on it`,
                expected: 'one process a run',
                next: `wait for it, or end it (kill ${owner}), then resume`,
              });
            }
            database
              .prepare("UPDATE runs SET owner_process = ?, state = 'running' WHERE number = ?")
              .run(processId, number);
          })
          .immediate(),
      ),
    release: (id) =>
      guarded(
        () =>
          void database.prepare('UPDATE runs SET owner_process = NULL WHERE number = ?').run(numberOf(id)),
      ),
    append: (id, trial, finishedAt) =>
      guarded(() =>
        database
          .transaction(() => {
            const run = numberOf(id);
            const stored = database
              .prepare('SELECT * FROM trials WHERE run = ? AND number = ?')
              .get(run, trial.number) as TrialRow | undefined;
            if (stored !== undefined) {
              if (canonicalJson(trialFromRow(stored)) === canonicalJson(trial)) return;
              throw new NasError(`${file}: trial ${id}/${trial.number}`, {
                found: 'another result under this number',
                expected: 'a trial to be stored once',
                next: 'nas runs shows whether two searches share the run',
              });
            }
            database
              .prepare(
                `INSERT INTO trials (run, number, state, genotype, latency_ms, accuracy, params, macs, cpu_seconds,
                                     epochs, reason, finished_at)
                 VALUES (@run, @number, @state, @genotype, @latency_ms, @accuracy, @params, @macs, @cpu_seconds,
                         @epochs, @reason, @finished_at)`,
              )
              .run({ ...trialToRow(trial), run, finished_at: finishedAt });
          })
          .immediate(),
      ),
    trials: (id) =>
      guarded(() =>
        database
          .prepare('SELECT * FROM trials WHERE run = ? ORDER BY number')
          .all(numberOf(id))
          .map((row) => trialFromRow(row as TrialRow)),
      ),
    saveMeasurement: (id, { trial, medianMs, madMs, samples }) =>
      guarded(
        () =>
          void database
            .prepare(
              'INSERT OR REPLACE INTO measurements (run, trial, median_ms, mad_ms, samples) VALUES (?, ?, ?, ?, ?)',
            )
            .run(numberOf(id), trial, medianMs, madMs, samples),
      ),
    measurements: (id) =>
      guarded(
        () =>
          database
            .prepare(
              `SELECT trial, median_ms AS medianMs, mad_ms AS madMs, samples
             FROM measurements WHERE run = ? ORDER BY trial`,
            )
            .all(numberOf(id)) as readonly {
            trial: number;
            medianMs: number;
            madMs: number;
            samples: number;
          }[],
      ),
    saveProxyCheck: (key, check, madeAt) =>
      guarded(
        () =>
          void database
            .prepare('INSERT OR REPLACE INTO proxy_checks (key, result, made_at) VALUES (?, ?, ?)')
            .run(key, JSON.stringify(check), madeAt),
      ),
    proxyCheck: (key) =>
      guarded(() => {
        const row = database.prepare('SELECT result FROM proxy_checks WHERE key = ?').get(key);
        return row === undefined ? undefined : JSON.parse((row as { result: string }).result);
      }),
    close: () => void database.close(),
  };
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
