import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf, NasError } from '../base/errors.ts';
import { MIGRATIONS } from './migrations.ts';

export interface OpenOptions {
  /** Never creates or changes anything. */
  readonly readOnly?: boolean;
}

const BUSY_TIMEOUT_MS = 5000;

/** Opens a database and brings it to the version this program writes. */
export function openDatabase(file: string, { readOnly = false }: OpenOptions): Database.Database {
  if (readOnly && !existsSync(file)) {
    throw new NasError(file, {
      found: 'no such database',
      expected: 'runs that a search has stored',
      next: 'nas search --target 15ms, or go to the folder it was run in',
    });
  }
  let database: Database.Database | undefined;
  try {
    if (!readOnly) mkdirSync(dirname(file), { recursive: true });
    database = new Database(file, { readonly: readOnly, timeout: BUSY_TIMEOUT_MS });
    refuseForeign(database, file);
    database.pragma('foreign_keys = ON');
    if (!readOnly) database.pragma('journal_mode = WAL');
    // A trial is minutes of training: it is on the disk, not only with the operating system, when it is reported.
    if (!readOnly) database.pragma('synchronous = FULL');
    migrate(database, file, readOnly);
    return database;
  } catch (error) {
    database?.close();
    throw explain(file, error);
  }
}

/** Before anything is changed: a database of another program, or of a nas to come, stays as it is. */
function refuseForeign(database: Database.Database, file: string): void {
  const version = versionOf(database);
  if (version > MIGRATIONS.length) {
    throw new NasError(file, {
      found: `a database of version ${version}`,
      expected: `at most ${MIGRATIONS.length}, the newest this nas knows`,
      next: 'use the newer nas that wrote it, or another folder',
    });
  }
  const table = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").get();
  if (version === 0 && table !== undefined) {
    throw new NasError(file, {
      found: `a database of another program (it has a table '${(table as { name: string }).name}')`,
      expected: 'one of nas',
      next: 'move it away; a search begins a new one',
    });
  }
}

function versionOf(database: Database.Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}

function migrate(database: Database.Database, file: string, readOnly: boolean): void {
  const [found, expected] = [versionOf(database), MIGRATIONS.length];
  if (found === expected) return;
  if (readOnly) {
    throw new NasError(file, {
      found: `a database of version ${found}`,
      expected: `version ${expected}`,
      next: 'any command that writes brings it up to date, such as nas search',
    });
  }
  database
    .transaction(() => {
      // Read again: another process may have migrated while this one waited for the lock.
      for (let step = versionOf(database); step < expected; step++) {
        database.exec(MIGRATIONS[step] ?? '');
        database.pragma(`user_version = ${step + 1}`);
      }
    })
    .immediate();
}

const ADVICE: Readonly<Record<string, { readonly found: string; readonly next: string }>> = {
  SQLITE_NOTADB: { found: 'not a database', next: 'move the file away; a search begins a new one' },
  SQLITE_CORRUPT: {
    found: 'a damaged database',
    next: 'keep a copy, then: sqlite3 FILE .recover | sqlite3 NEW_FILE',
  },
  SQLITE_FULL: { found: 'the disk is full', next: 'free some space; nothing that was stored is lost' },
  SQLITE_READONLY: { found: 'cannot be written', next: 'check the permissions of the file and its folder' },
  SQLITE_CANTOPEN: { found: 'cannot be opened', next: 'check the permissions of the file and its folder' },
  SQLITE_BUSY: { found: 'another process is writing', next: 'wait for it, then try again' },
};

/** A failure of the database in our words; anything else as it is. */
export function explain(file: string, error: unknown): unknown {
  if (error instanceof NasError) return error;
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
