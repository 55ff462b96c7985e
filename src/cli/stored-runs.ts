import { NasError } from '../base/errors.ts';
import { parseWith } from '../base/parse.ts';
import type { Trial } from '../objective/trial.ts';
import { parseSpace, type SearchSpace } from '../space/search-space.ts';
import type { Store, StoredRun } from '../store/store.ts';
import { type RunConfig, runConfigSchema } from './run-config.ts';
import type { SpaceFile } from './space-files.ts';

/** What a run was told to do and the space it searched, as they were then. */
export function originOf(run: StoredRun): SpaceFile & { readonly config: RunConfig } {
  const config = parseWith(runConfigSchema, run.config, `run ${run.id}`);
  return { config, source: run.space, space: spaceOf(run) };
}

/** The space that a run searched, as it was then. */
export function spaceOf(run: StoredRun): SearchSpace {
  return parseSpace(run.space, `run ${run.id}`);
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
  const trial = store.trial(id, Number(number));
  if (trial === undefined) {
    const last = store.trials(id).at(-1)?.number;
    throw new NasError(`run ${id}`, {
      found: `no trial ${number}`,
      expected: last === undefined ? 'a stored trial; there is none yet' : `0 to ${last}`,
      next: `nas show ${id} lists them`,
    });
  }
  return { run, trial };
}
