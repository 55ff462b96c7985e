import { fileURLToPath } from 'node:url';

/** The spaces and networks that come with the program. */
export const SEARCH_SPACES = fileURLToPath(new URL('../../search-spaces/', import.meta.url));

/** Where a user's tables and runs are kept, below the folder the program is started in. */
export const LATENCY_TABLES = 'latency-tables';
export const DATABASE = 'runs/nas.db';
export const WEIGHTS = 'runs/weights';
/** Trainings of checks that were interrupted. */
export const CHECKS = 'runs/checks';
