import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf, NasError } from '../base/errors.ts';
import { migrate, refuseForeign } from './migrate.ts';
import { openToRead } from './open-to-read.ts';

export interface OpenOptions {
  /** Never creates or changes anything. */
  readonly readOnly?: boolean;
}

const BUSY_TIMEOUT_MS = 5000;

/** Opens a database and brings it to the version this program writes; one to be read see `openToRead`. */
export function openDatabase(file: string, { readOnly = false }: OpenOptions): Database.Database {
  let database: Database.Database | undefined;
  try {
    if (readOnly) return openToRead(file);
    mkdirSync(dirname(file), { recursive: true });
    database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    refuseForeign(database, file);
    database.pragma('foreign_keys = ON');
    database.pragma('journal_mode = WAL');
    // A trial is minutes of training: it is on the disk, not only with the operating system, when it is reported.
    database.pragma('synchronous = FULL');
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw explain(file, error);
  }
}

const ADVICE: Readonly<Record<string, { readonly found: string; readonly next: string }>> = {
  SQLITE_NOTADB: { found: 'not a database', next: 'move the file away; a search begins a new one' },
  SQLITE_CORRUPT: {
    found: 'a damaged database',
    next: 'keep a copy, then: sqlite3 FILE .recover | sqlite3 NEW_FILE',
  },
  SQLITE_IOERR: {
    found: 'its disk fails to read or write',
    next: 'check the space on the disk and its health; nothing that was stored is lost',
  },
  ENOSPC: { found: 'the disk is full', next: 'free some space; nothing that was stored is lost' },
  SQLITE_FULL: { found: 'the disk is full', next: 'free some space; nothing that was stored is lost' },
  SQLITE_READONLY: { found: 'cannot be written', next: 'check the permissions of the file and its folder' },
  SQLITE_CANTOPEN: { found: 'cannot be opened', next: 'check the permissions of the file and its folder' },
  SQLITE_BUSY: { found: 'another process is writing', next: 'wait for it, then try again' },
};

/** Of a column that is to hold JSON. */
const NO_JSON = {
  found: 'a damaged text in its tables',
  expected: 'JSON, as nas has written it',
  next: 'take the database from a backup; what else is in it can still be read',
};

/** Runs a piece of work on the database of a file so that what it throws is explained. */
export function guardOf(file: string): <Result>(work: () => Result) => Result {
  return (work) => {
    try {
      return work();
    } catch (error) {
      throw explain(file, error);
    }
  };
}

/** A failure of the database in our words; anything else as it is. */
export function explain(file: string, error: unknown): unknown {
  if (error instanceof NasError) return error;
  if (error instanceof SyntaxError) return new NasError(file, { ...NO_JSON, cause: error });
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return error;
  const advice = Object.entries(ADVICE).find(([prefix]) => code.startsWith(prefix))?.[1];
  if (advice === undefined && !code.startsWith('SQLITE') && !code.startsWith('E')) return error;
  const { found, next } = advice ?? {
    found: messageOf(error),
    next: 'check the file, its folder and the space on its disk',
  };
  return new NasError(file, { found, next, cause: error });
}
