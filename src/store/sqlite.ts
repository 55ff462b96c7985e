import { createConnection } from './connection.ts';
import { createListingStore } from './listings.ts';
import { type OpenOptions, openDatabase } from './open-database.ts';
import { createResultStore } from './results.ts';
import { createRunStore } from './runs.ts';
import type { Store } from './store.ts';
import { createSupernetStore } from './supernets.ts';
import { createTellStore } from './tells.ts';
import { createTrialStore } from './trials.ts';

/** Opens the store in a file, creating it where there is none. */
export function openStore(file: string, options: OpenOptions = {}): Store {
  const database = openDatabase(file, options);
  const connection = createConnection(file, database);
  return {
    file,
    ...createRunStore(connection),
    ...createTrialStore(connection),
    ...createListingStore(connection),
    ...createTellStore(connection),
    ...createResultStore(connection),
    ...createSupernetStore(connection),
    close: () => void database.close(),
  };
}
