import { hostname } from 'node:os';
import { type ParetoPoint, paretoFront } from '../objective/pareto.ts';
import type { Trial } from '../objective/trial.ts';
import type { Connection } from './connection.ts';
import { isAlive } from './owner.ts';
import {
  ownerOf,
  type RungRow,
  type RunRow,
  rungResultFromRow,
  type TrialRow,
  trialFromRow,
} from './rows.ts';
import type { BestTrial, RunSummary, Store, TrialChoices, TrialFigures, TrialTrouble } from './store.ts';
import { storedNumbers, storedObject } from './stored-json.ts';

type ListingStore = Pick<
  Store,
  'runs' | 'figures' | 'points' | 'front' | 'bestUnder' | 'choices' | 'trouble' | 'trial' | 'trialCounts'
>;

type SummaryRow = Pick<
  RunRow,
  | 'number'
  | 'state'
  | 'config'
  | 'seed'
  | 'created_at'
  | 'seconds'
  | 'owner_process'
  | 'owner_host'
  | 'owner_started'
> & {
  readonly space: string;
  readonly devices: string;
  readonly trials: number;
  readonly completed: number;
};

/** On one of the run's devices. The first has a column, which an index covers; runs of one device have no list. */
const latencyOn = (device: number): string =>
  device === 0 ? 'latency_ms' : "json_extract(latencies_ms, '$[' || CAST(@device AS INTEGER) || ']')";

/** In the order of the index, so that nothing is sorted. */
const IN_ORDER = 'ORDER BY latency_ms, accuracy, params, macs, number';

const BEFORE_ALL: ParetoPoint = {
  latencyMs: Number.NEGATIVE_INFINITY,
  accuracy: Number.NEGATIVE_INFINITY,
};

/** What is read of many runs or many trials at once: without what is large in them. */
export function createListingStore({ database, guarded, numberOf, statement }: Connection): ListingStore {
  const figures: Store['figures'] = (id, device = 0) =>
    guarded(() => {
      // As arrays, which are read three times as fast.
      const rows = database
        .prepare(
          `SELECT number, ${latencyOn(device)} AS latencyMs, accuracy, params, macs
           FROM trials WHERE run = @run AND state = 'completed'
           ORDER BY latencyMs, accuracy, params, macs, number`,
        )
        .raw()
        .all({ run: numberOf(id), device }) as readonly (readonly [number, number, number, number, number])[];
      return rows.map(
        ([number, latencyMs, accuracy, params, macs]): TrialFigures => ({
          number,
          accuracy,
          latencyMs,
          params,
          macs,
        }),
      );
    });

  return {
    figures,
    runs: () =>
      guarded(() =>
        database
          .prepare(
            `SELECT number, state, config, seed, created_at, seconds, owner_process, owner_host, owner_started,
                    ifnull(json_extract(space, '$.name'), '') AS space,
                    (SELECT json_group_array(device)
                     FROM (SELECT device FROM run_tables WHERE run = runs.number ORDER BY place)) AS devices,
                    trials, completed
             FROM runs
             ORDER BY number DESC`,
          )
          .all()
          .map((row) => summaryFromRow(row as SummaryRow)),
      ),
    points: (id, device = 0) => {
      if (device !== 0) return figures(id, device);
      return guarded(() => {
        const run = numberOf(id);
        // Columns of single numbers are read in a quarter of the time of rows.
        const column = (name: string): readonly number[] =>
          database
            .prepare(`SELECT ${name} FROM trials WHERE run = ? AND state = 'completed' ${IN_ORDER}`)
            .pluck()
            .all(run) as number[];
        const [latencies, accuracies] = database.transaction(
          () => [column('latency_ms'), column('accuracy')] as const,
        )();
        return latencies.map((latencyMs, i): ParetoPoint => ({ latencyMs, accuracy: accuracies[i] ?? 0 }));
      });
    },
    front: (id, device = 0) => {
      if (device !== 0) return paretoFront(figures(id, device));
      return guarded(() => {
        const run = numberOf(id);
        // From one network of the front to the next, the index is gone through once.
        const next = database.prepare(
          `SELECT number, accuracy, latency_ms AS latencyMs, params, macs
           FROM trials
           WHERE run = @run AND state = 'completed' AND latency_ms > @latencyMs AND accuracy > @accuracy
           ORDER BY latency_ms, accuracy DESC, params, macs, number LIMIT 1`,
        );
        return database.transaction(() => {
          const front: TrialFigures[] = [];
          for (;;) {
            const { latencyMs, accuracy } = front.at(-1) ?? BEFORE_ALL;
            const found = next.get({ run, latencyMs, accuracy }) as TrialFigures | undefined;
            if (found === undefined) return front;
            front.push(found);
          }
        })();
      });
    },
    bestUnder: (id, targetMs, device = 0) =>
      guarded(() => {
        const asked = { run: numberOf(id), targetMs, device };
        const { measured } = statement(
          'SELECT count(*) AS measured FROM measurements WHERE run = @run AND device = @device',
        ).get(asked) as { measured: number };
        const candidates =
          measured > 0
            ? `SELECT trials.number, accuracy, ${latencyOn(device)} AS latencyMs, median_ms AS measuredMs
               FROM measurements JOIN trials ON trials.run = measurements.run AND trials.number = measurements.trial
               WHERE measurements.run = @run AND measurements.device = @device AND state = 'completed'
                 AND median_ms <= @targetMs`
            : `SELECT number, accuracy, ${latencyOn(device)} AS latencyMs, NULL AS measuredMs
               FROM trials WHERE run = @run AND state = 'completed' AND latencyMs <= @targetMs`;
        return statement(`${candidates} ORDER BY accuracy DESC, trials.number LIMIT 1`).get(asked) as
          | BestTrial
          | undefined;
      }),
    choices: (id, device = 0) =>
      guarded(() => {
        const rows = database
          .prepare(
            `SELECT number, accuracy, ${latencyOn(device)} AS latencyMs, genotype
             FROM trials WHERE run = @run AND state = 'completed' ORDER BY number`,
          )
          .raw()
          .all({ run: numberOf(id), device }) as readonly (readonly [number, number, number, string])[];
        return rows.map(
          ([number, accuracy, latencyMs, genotype]): TrialChoices => ({
            ...{ number, accuracy, latencyMs },
            genotype: storedNumbers(genotype, `trial ${number}: genotype`),
          }),
        );
      }),
    trouble: (id) =>
      guarded(
        () =>
          database
            .prepare(
              `SELECT number, state, reason FROM trials
               WHERE run = ? AND state IN ('stopped', 'infeasible', 'failed') ORDER BY number`,
            )
            .all(numberOf(id)) as readonly TrialTrouble[],
      ),
    trial: (id, number) =>
      guarded((): Trial | undefined => {
        const run = numberOf(id);
        const row = database.prepare('SELECT * FROM trials WHERE run = ? AND number = ?').get(run, number);
        const rungs = database
          .prepare('SELECT * FROM rung_results WHERE run = ? AND trial = ? ORDER BY rung')
          .all(run, number) as readonly RungRow[];
        return row === undefined ? undefined : trialFromRow(row as TrialRow, rungs.map(rungResultFromRow));
      }),
    trialCounts: (id) =>
      guarded(
        () =>
          database.prepare('SELECT trials, completed FROM runs WHERE number = ?').get(numberOf(id)) as Pick<
            RunSummary,
            'trials' | 'completed'
          >,
      ),
  };
}

function summaryFromRow(row: SummaryRow): RunSummary {
  const owner = ownerOf(row, hostname());
  const abandoned = row.state === 'running' && (owner === undefined || !isAlive(owner));
  return {
    id: `r${row.number}`,
    state: abandoned ? 'interrupted' : row.state,
    config: storedObject(row.config, `run r${row.number}: config`),
    seed: row.seed,
    space: row.space,
    devices: (JSON.parse(row.devices) as (string | null)[]).map((device) => device ?? 'unknown'),
    createdAt: row.created_at,
    seconds: row.seconds,
    trials: row.trials,
    completed: row.completed,
  };
}
