import { existsSync } from 'node:fs';
import type { PageDocuments, RunsPage } from '../../report/pages/documents.ts';
import type { PageKey } from '../../report/pages/page-key.ts';
import { comparisonDocument } from '../../report/run-comparison.ts';
import { comparedRuns } from '../compared-runs.ts';
import { DATABASE } from '../folders.ts';
import { listedRuns } from '../listed-runs.ts';
import { readRuns } from '../read-runs.ts';
import { adaptationDocument, listedAdaptations } from './adaptation-documents.ts';
import { referencesDocument } from './reference-documents.ts';
import { decisionsDocument, runDocument } from './run-documents.ts';
import { tableDocument, tableOfRunDocument, tablesDocument } from './table-documents.ts';
import { trialPageDocument } from './trial-documents.ts';

/** Reads what a page is drawn from. Throws a NasError where there is no such thing. */
export function readDocument(key: PageKey): PageDocuments[PageKey['page']] {
  switch (key.page) {
    case 'runs':
      return runsDocument();
    case 'run':
      return readRuns((store) => runDocument(store, key.run, key.device));
    case 'decisions':
      return readRuns((store) => decisionsDocument(store, key.run, key.device));
    case 'references':
      return readRuns((store) => referencesDocument(store, key.run, key.device));
    case 'table-of-run':
      return readRuns((store) => tableOfRunDocument(store, key.run, key.device));
    case 'trial':
      return readRuns((store) => trialPageDocument(store, key.run, key.trial));
    case 'comparison':
      return readRuns((store) => comparisonDocument(comparedRuns(store, key.runs, { anyway: true })));
    case 'adaptation':
      return adaptationDocument(key.adaptation);
    case 'tables':
      return tablesDocument();
    case 'table':
      return tableDocument(key.table);
  }
}

/** Empty before the first search: the page may be opened before it. */
function runsDocument(): RunsPage {
  if (!existsSync(DATABASE)) return { database: DATABASE, runs: [], adaptations: [] };
  return { database: DATABASE, runs: readRuns(listedRuns), adaptations: listedAdaptations() };
}
