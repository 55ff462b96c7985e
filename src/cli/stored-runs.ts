import { NasError } from '../base/errors.ts';
import { parseWith } from '../base/parse.ts';
import type { Trial } from '../objective/trial.ts';
import { parseSpace } from '../space/search-space.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store, StoredRun } from '../store/store.ts';
import { DATABASE } from './folders.ts';
import { type RunConfig, runConfigSchema } from './run-config.ts';
import type { SpaceFile } from './space-files.ts';

/** Lets a command read the stored runs, and closes them whatever happens. */
export function readRuns<Result>(read: (store: Store) => Result): Result {
  const store = openStore(DATABASE, { readOnly: true });
  try {
    return read(store);
  } finally {
    store.close();
  }
}

/** What a run was told to do and the space it searched, as they were then. */
export function originOf(run: StoredRun): SpaceFile & { readonly config: RunConfig } {
  const where = `run ${run.id}`;
  const config = parseWith(runConfigSchema, run.config, where);
  return { config, source: run.space, space: parseSpace(run.space, where) };
}

/** `r3/17`: trial 17 of run r3. */
export function isTrialReference(text: string): boolean {
  return /^r\d+\/\d+$/.test(text);
}

export function findTrial(
  store: Store,
  reference: string,
): { readonly run: StoredRun; readonly trial: Trial } {
  const [id = '', number = ''] = reference.split('/');
  const run = store.run(id);
  const trials = store.trials(id);
  const trial = trials.find((candidate) => candidate.number === Number(number));
  if (trial === undefined) {
    throw new NasError(`run ${id}`, {
      found: `no trial ${number}`,
      expected: trials.length === 0 ? 'a stored trial; there is none yet' : `0 to ${trials.at(-1)?.number}`,
      next: `nas show ${id} lists them`,
    });
  }
  return { run, trial };
}
