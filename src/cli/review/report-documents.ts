import { systemClock } from '../../base/clock.ts';
import { NasError } from '../../base/errors.ts';
import type { HtmlReport } from '../../report/html-report.ts';
import type { RunsPage } from '../../report/pages/documents.ts';
import { type PageKey, printPageKey } from '../../report/pages/page-key.ts';
import type { RunPage } from '../../report/pages/run-page.ts';
import { readDocument } from './documents.ts';

/**
 * What a report of some runs has: each run with its decisions, references and tables, the networks of its front and
 * those that were measured, and of several runs their comparison.
 */
export function reportDocuments(ids: readonly string[]): HtmlReport {
  const documents: Record<string, unknown> = {};
  const add = <Document>(key: PageKey): Document => {
    const document = readDocument(key);
    documents[printPageKey(key)] = document;
    return document as Document;
  };
  for (const run of ids) {
    const { run: listing } = add<RunPage>({ page: 'run', run, device: 0 });
    const trials = new Set<number>();
    for (const device of listing.devices.keys()) {
      const { front, measured, best } = add<RunPage>({ page: 'run', run, device });
      for (const page of ['decisions', 'references', 'table-of-run'] as const) add({ page, run, device });
      for (const { trial } of [...front, ...measured]) trials.add(trial);
      for (const { best: found } of best) if (found !== null) trials.add(found.trial);
    }
    for (const trial of trials) add({ page: 'trial', run, trial });
  }
  const stored = readDocument({ page: 'runs' }) as RunsPage;
  const adaptations = stored.adaptations.filter(({ network }) =>
    ids.some((id) => network.startsWith(`${id}/`)),
  );
  for (const { adaptation } of adaptations) add({ page: 'adaptation', adaptation });
  documents.runs = { ...stored, runs: stored.runs.filter(({ run }) => ids.includes(run)), adaptations };
  const [first] = ids;
  if (first === undefined) throw new NasError('nas report', { found: 'no run', expected: 'one or more' });
  const home: PageKey =
    ids.length === 1 ? { page: 'run', run: first, device: 0 } : { page: 'comparison', runs: ids };
  if (home.page === 'comparison') add(home);
  return {
    title: `nas report of ${ids.join(', ')}`,
    madeAt: systemClock.timestamp(),
    home: printPageKey(home),
    documents,
  };
}
