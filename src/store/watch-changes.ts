import { statSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Tells whether other processes have written to a database, without reading what. */
export interface ChangeWatch {
  /** Another text than before where something was written since; `absent` while there is no such file. */
  version(): string;
  close(): void;
}

/**
 * Watches a database by SQLite's `PRAGMA data_version`, which tells of commits of other connections, those in the
 * write-ahead log too. The file may come, go and be replaced meanwhile. Where it cannot be opened so (a folder without
 * permission to write), the time of its last change has to do.
 */
export function watchChanges(file: string): ChangeWatch {
  let database: Database.Database | undefined;
  let opened: { readonly inode: number; readonly count: number } | undefined;
  const close = (): void => {
    database?.close();
    database = undefined;
    opened = undefined;
  };
  let count = 0;
  return {
    version() {
      const stats = statSync(file, { throwIfNoEntry: false });
      if (stats === undefined) {
        close();
        return 'absent';
      }
      try {
        if (opened?.inode !== stats.ino) {
          close();
          database = new Database(file, { readonly: true, timeout: 0 });
          opened = { inode: stats.ino, count: ++count };
        }
        return `${opened.count}.${database?.pragma('data_version', { simple: true })}`;
      } catch {
        close();
        return `at ${stats.mtimeMs}`;
      }
    },
    close,
  };
}
