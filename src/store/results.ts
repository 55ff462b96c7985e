import type { Connection } from './connection.ts';
import type { Store } from './store.ts';

type ResultStore = Pick<
  Store,
  'saveMeasurement' | 'measurements' | 'saveProxyCheck' | 'proxyCheck' | 'saveStage' | 'stages'
>;

/** What is found out besides a search's trials: whole networks measured, proxies checked, what followed. */
export function createResultStore({ database, guarded, numberOf }: Connection): ResultStore {
  return {
    saveMeasurement: (id, { trial, device = 0, medianMs, madMs, samples }) =>
      guarded(
        () =>
          void database
            .prepare(
              `INSERT OR REPLACE INTO measurements (run, trial, device, median_ms, mad_ms, samples)
               VALUES (?, ?, ?, ?, ?, ?)`,
            )
            .run(numberOf(id), trial, device, medianMs, madMs, samples),
      ),
    measurements: (id) =>
      guarded(() =>
        database
          .prepare(
            `SELECT trial, device, median_ms AS medianMs, mad_ms AS madMs, samples
             FROM measurements WHERE run = ? ORDER BY trial, device`,
          )
          .all(numberOf(id))
          .map((row) => {
            const { device, ...measurement } = row as {
              trial: number;
              device: number;
              medianMs: number;
              madMs: number;
              samples: number;
            };
            return { ...measurement, ...(device === 0 ? {} : { device }) };
          }),
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
    saveStage: (id, stage, outcome, finishedAt) =>
      guarded(
        () =>
          void database
            .prepare(
              'INSERT OR REPLACE INTO run_stages (run, stage, outcome, finished_at) VALUES (?, ?, ?, ?)',
            )
            .run(numberOf(id), stage, JSON.stringify(outcome), finishedAt),
      ),
    stages: (id) =>
      guarded(() => {
        const rows = database
          .prepare('SELECT stage, outcome FROM run_stages WHERE run = ?')
          .all(numberOf(id)) as readonly { stage: string; outcome: string }[];
        return new Map(rows.map(({ stage, outcome }) => [stage, JSON.parse(outcome)]));
      }),
  };
}
