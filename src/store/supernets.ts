import type { Connection } from './connection.ts';
import type { Store } from './store.ts';

type SupernetStore = Pick<Store, 'saveSupernet' | 'supernet' | 'saveRetraining' | 'retrainings'>;

/** Trained supernets, and what came of training the candidates that they found. */
export function createSupernetStore({ database, guarded, numberOf }: Connection): SupernetStore {
  return {
    saveSupernet: (spaceDigest, datasetDigest, record, madeAt) =>
      guarded(
        () =>
          void database
            .prepare(
              `INSERT OR REPLACE INTO supernets (space_digest, dataset_digest, record, made_at)
               VALUES (?, ?, ?, ?)`,
            )
            .run(spaceDigest, datasetDigest, JSON.stringify(record), madeAt),
      ),
    supernet: (spaceDigest, datasetDigest) =>
      guarded(() => {
        const row = database
          .prepare('SELECT record FROM supernets WHERE space_digest = ? AND dataset_digest = ?')
          .get(spaceDigest, datasetDigest);
        return row === undefined ? undefined : JSON.parse((row as { record: string }).record);
      }),
    saveRetraining: (id, { trial, accuracy, cpuSeconds }) =>
      guarded(
        () =>
          void database
            .prepare(
              'INSERT OR REPLACE INTO retrainings (run, trial, accuracy, cpu_seconds) VALUES (?, ?, ?, ?)',
            )
            .run(numberOf(id), trial, accuracy, cpuSeconds),
      ),
    retrainings: (id) =>
      guarded(
        () =>
          database
            .prepare(
              'SELECT trial, accuracy, cpu_seconds AS cpuSeconds FROM retrainings WHERE run = ? ORDER BY trial',
            )
            .all(numberOf(id)) as ReturnType<Store['retrainings']>,
      ),
  };
}
