import type { Connection } from './connection.ts';
import type { Store } from './store.ts';

type TellStore = Pick<Store, 'appendTells' | 'tells' | 'saveUpdate' | 'updates'>;

/** The order in which a search learned of its trials, and what its strategy said of itself meanwhile. */
export function createTellStore({ database, guarded, transaction, numberOf }: Connection): TellStore {
  return {
    appendTells: (id, tells) =>
      transaction(() => {
        const run = numberOf(id);
        const insert = database.prepare(
          `INSERT INTO tells (run, position, trial, rung)
           SELECT ?, ifnull(max(position) + 1, 0), ?, ? FROM tells WHERE run = ?`,
        );
        for (const { trial, rung } of tells) insert.run(run, trial, rung ?? null, run);
      }),
    tells: (id) =>
      guarded(() =>
        database
          .prepare('SELECT trial, rung FROM tells WHERE run = ? ORDER BY position')
          .all(numberOf(id))
          .map((row) => {
            const { trial, rung } = row as { trial: number; rung: number | null };
            return { trial, ...(rung === null ? {} : { rung }) };
          }),
      ),
    saveUpdate: (id, { position, diagnostics }) =>
      guarded(
        () =>
          void database
            .prepare('INSERT OR REPLACE INTO updates (run, position, diagnostics) VALUES (?, ?, ?)')
            .run(numberOf(id), position, JSON.stringify(diagnostics)),
      ),
    updates: (id) =>
      guarded(() =>
        database
          .prepare('SELECT position, diagnostics FROM updates WHERE run = ? ORDER BY position')
          .all(numberOf(id))
          .map((row) => {
            const { position, diagnostics } = row as { position: number; diagnostics: string };
            return { position, diagnostics: JSON.parse(diagnostics) };
          }),
      ),
  };
}
