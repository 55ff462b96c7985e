import type { Trial } from '../objective/trial.ts';
import { finalistLines } from '../report/finalists-note.ts';
import { supernetNote } from '../report/supernet-note.ts';
import type { Store, StoredRun } from '../store/store.ts';
import { outlineOf } from './run-outline.ts';
import { supernetCheckOf } from './supernets.ts';

/** What came of training some of a stored run (or one of it) once more, and what accuracies of a search by a supernet are worth. */
export function finalistsNotes(store: Store, run: StoredRun, only?: Trial): readonly string[] {
  const { trainer, finalistsLonger: longer } = outlineOf(run.config);
  const isInherited = trainer === 'supernet';
  const retrained = store
    .retrainings(run.id)
    .filter(({ trial }) => only === undefined || trial === only.number);
  const trials = retrained.flatMap(({ trial }) => store.trial(run.id, trial) ?? []);
  const lines = finalistLines(run.id, trials, { longer, retrained }, isInherited);
  if (!isInherited) return lines;
  const { name } = run.space as { readonly name: string };
  const check = supernetCheckOf(store, { digest: run.spaceDigest, name }, { digest: run.datasetDigest });
  return [...lines, ...supernetNote(check, name).split('\n')];
}
