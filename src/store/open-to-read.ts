import { existsSync, readFileSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { NasError } from '../base/errors.ts';
import { migrate, refuseForeign, versionOf } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';

const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens a database to be read, beside whoever writes it, and changes nothing in it. A database of an older version is
 * read from a copy in memory that is brought up to date, since an older nas may be at work on the file; so is one in a
 * folder that cannot be written, where SQLite cannot keep what readers and writers share.
 */
export function openToRead(file: string): Database.Database {
  if (!existsSync(file)) {
    throw new NasError(file, {
      found: 'no such database',
      expected: 'runs that a search has stored',
      next: 'nas search --target 15ms, or go to the folder it was run in',
    });
  }
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    refuseForeign(database, file);
    if (versionOf(database) === MIGRATIONS.length) return database;
    const image = imageOf(database);
    database.close();
    database = inMemory(image);
  } catch (error) {
    database?.close();
    if (!isUnwritable(error) || hasUnmergedWrites(file)) throw error;
    database = inMemory(readFileSync(file));
    refuseForeign(database, file);
  }
  migrate(database);
  return database;
}

/** The whole database as of one moment. */
function imageOf(database: Database.Database): Buffer {
  return database.transaction(() => {
    versionOf(database);
    return database.serialize();
  })();
}

/** Where the header of a database says how it is written: 2 is a write-ahead log, 1 is none. */
const JOURNAL_BYTES = [18, 19];

function inMemory(image: Buffer): Database.Database {
  if (image.length === 0) return new Database(':memory:');
  for (const at of JOURNAL_BYTES) image[at] = 1;
  return new Database(image);
}

function isUnwritable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^SQLITE_(CANTOPEN|READONLY)/.test(code);
}

/** A killed process leaves its last trials in the log; without them the file is not all there is. */
function hasUnmergedWrites(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
