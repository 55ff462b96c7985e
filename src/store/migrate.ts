import type Database from 'better-sqlite3';
import { NasError } from '../base/errors.ts';
import { MIGRATIONS } from './migrations.ts';

/** `PRAGMA user_version`: how many of the migrations a database has been through. */
export function versionOf(database: Database.Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}

/** Before anything is changed: a database of another program, or of a nas to come, stays as it is. */
export function refuseForeign(database: Database.Database, file: string): void {
  // Views and triggers of a file that somebody has made call nothing but what is harmless.
  database.pragma('trusted_schema = OFF');
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

/** Brings a database to the version this program writes: all steps or none. */
export function migrate(database: Database.Database): void {
  const expected = MIGRATIONS.length;
  if (versionOf(database) === expected) return;
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
