import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { DATABASE } from './folders.ts';

/** Lets a command read the stored runs, and closes them whatever happens. */
export function readRuns<Result>(read: (store: Store) => Result): Result {
  const store = openStore(DATABASE, { readOnly: true });
  try {
    return read(store);
  } finally {
    store.close();
  }
}
