import { parseWith } from '../base/parse.ts';
import { proxyNote } from '../report/proxy-note.ts';
import { proxySchema } from '../space/proxy.ts';
import type { Store, StoredRun } from '../store/store.ts';
import { findProxyCheck } from './proxy-checks.ts';
import { outlineOf } from './run-outline.ts';

/** What the accuracies of a run are worth. */
export function proxyNoteOf(run: StoredRun, store: Store): string {
  const { name, proxy } = run.space as { readonly name: string; readonly proxy?: unknown };
  const { dataset = 'unknown' } = outlineOf(run.config);
  const check = findProxyCheck(store, { name, digest: run.spaceDigest }, dataset);
  return proxyNote(parseWith(proxySchema, proxy, `run ${run.id}`), dataset, check, name);
}
