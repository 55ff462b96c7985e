import { hostname } from 'node:os';
import { refuseOtherOwner } from './claim.ts';
import type { Connection } from './connection.ts';
import { isAlive } from './owner.ts';
import { ownerOf, type RunRow, runFromRow } from './rows.ts';
import type { Store, StoredRun } from './store.ts';

type RunStore = Pick<
  Store,
  'createRun' | 'run' | 'setState' | 'addSeconds' | 'claim' | 'release' | 'addEvent' | 'events'
>;

/** Runs, who works on them and what happened to them. */
export function createRunStore({ file, database, guarded, transaction, numberOf }: Connection): RunStore {
  const runRow = (number: number): RunRow =>
    database.prepare('SELECT * FROM runs WHERE number = ?').get(number) as RunRow;
  /** A run whose process was killed still says `running`. */
  const readRun = (row: RunRow): StoredRun => {
    const tables = database.prepare('SELECT latency_table FROM run_tables WHERE run = ? ORDER BY place');
    const run = runFromRow(row, tables.pluck().all(row.number) as string[]);
    const owner = ownerOf(row, hostname());
    const abandoned = run.state === 'running' && (owner === undefined || !isAlive(owner));
    return abandoned ? { ...run, state: 'interrupted' } : run;
  };

  return {
    createRun: (origin, createdAt) =>
      transaction(() => {
        const { lastInsertRowid: number } = database
          .prepare(
            `INSERT INTO runs (state, config, seed, space, space_digest, dataset_digest, trainer_digest, code_version,
                               created_at)
             VALUES ('running', ?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(
            JSON.stringify(origin.config),
            origin.seed,
            JSON.stringify(origin.space),
            origin.spaceDigest,
            origin.datasetDigest,
            origin.trainerDigest,
            origin.codeVersion,
            createdAt,
          );
        const insert = database.prepare(
          'INSERT INTO run_tables (run, place, latency_table) VALUES (?, ?, ?)',
        );
        for (const [place, table] of [origin.table, ...(origin.otherTables ?? [])].entries()) {
          insert.run(number, place, table);
        }
        return readRun(runRow(Number(number)));
      }),
    run: (id) => guarded(() => readRun(runRow(numberOf(id)))),
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
    claim: (id, owner, takeOver = false) =>
      transaction(() => {
        const number = numberOf(id);
        const held = takeOver ? undefined : ownerOf(runRow(number), hostname());
        refuseOtherOwner(held, owner, `${file}: run ${id}`);
        database
          .prepare(
            `UPDATE runs SET owner_process = ?, owner_host = ?, owner_started = ?, state = 'running'
             WHERE number = ?`,
          )
          .run(owner.processId, owner.host, owner.started, number);
      }),
    release: (id) =>
      guarded(
        () =>
          void database
            .prepare(
              'UPDATE runs SET owner_process = NULL, owner_host = NULL, owner_started = NULL WHERE number = ?',
            )
            .run(numberOf(id)),
      ),
    addEvent: (id, { at, kind, trial, message }) =>
      transaction(() => {
        const run = numberOf(id);
        database
          .prepare(
            `INSERT INTO events (run, number, at, kind, trial, message)
             SELECT ?, count(*), ?, ?, ?, ? FROM events WHERE run = ?`,
          )
          .run(run, at, kind, trial ?? null, message, run);
      }),
    events: (id) =>
      guarded(() =>
        database
          .prepare('SELECT at, kind, trial, message FROM events WHERE run = ? ORDER BY number')
          .all(numberOf(id))
          .map((row) => {
            const { trial, ...event } = row as {
              at: string;
              kind: string;
              trial: number | null;
              message: string;
            };
            return { ...event, ...(trial === null ? {} : { trial }) };
          }),
      ),
  };
}
