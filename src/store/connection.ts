import type Database from 'better-sqlite3';
import { NasError } from '../base/errors.ts';
import { guardOf } from './open-database.ts';

/** An open database as the parts of the store share it. */
export interface Connection {
  readonly file: string;
  readonly database: Database.Database;
  /** Runs a piece of work so that what the database throws is explained. */
  guarded<Result>(work: () => Result): Result;
  /** The same, whole or not at all, and alone with the database. */
  transaction<Result>(work: () => Result): Result;
  /** The same statement for the same text, for what is asked of each of many runs; never with another mode of rows. */
  statement(sql: string): Database.Statement;
  /** The number of the run of an id; throws where there is none. */
  numberOf(id: string): number;
}

export function createConnection(file: string, database: Database.Database): Connection {
  const guarded = guardOf(file);
  const statements = new Map<string, Database.Statement>();
  const statement = (sql: string): Database.Statement => {
    const prepared = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  return {
    file,
    database,
    guarded,
    statement,
    transaction: (work) => guarded(() => database.transaction(work).immediate()),
    numberOf(id) {
      const number = Number(/^r([1-9]\d*)$/.exec(id)?.[1] ?? 0);
      if (statement('SELECT 1 FROM runs WHERE number = ?').get(number) !== undefined) return number;
      const { last } = database.prepare('SELECT max(number) AS last FROM runs').get() as {
        last: number | null;
      };
      throw new NasError(file, {
        found: `no run '${id}'`,
        expected: last === null ? 'a stored run; there is none yet' : `a run such as r${last}`,
        next: last === null ? 'nas search --target 15ms' : 'nas runs lists them',
      });
    },
  };
}
