import { join } from 'node:path';
import Database from 'better-sqlite3';

/** What a run stored, row by row, without what a repetition may change: times. */
const STORED = {
  trials: `SELECT number, state, genotype, architecture, goal, latency_ms, latencies_ms, accuracy, params, macs, epochs,
                  attempts, reason, note, trainer, device FROM trials ORDER BY run, number`,
  rungs: 'SELECT trial, rung, accuracy, epochs, weights FROM rung_results ORDER BY run, trial, rung',
  failures: 'SELECT trial, attempt, error FROM failures ORDER BY run, trial, attempt',
  tells: 'SELECT position, trial, rung FROM tells ORDER BY run, position',
  updates: 'SELECT position, diagnostics FROM updates ORDER BY run, position',
};

/** Of the runs in a folder: the rows of each table, as text. */
export function storedIn(folder) {
  const database = new Database(join(folder, 'runs', 'nas.db'), { readonly: true });
  const stored = Object.fromEntries(
    Object.entries(STORED).map(([name, query]) => [
      name,
      database
        .prepare(query)
        .all()
        .map((row) => JSON.stringify(row)),
    ]),
  );
  database.close();
  return stored;
}
