import type { comparisonDocument } from '../run-comparison.ts';
import type { RunListing } from '../run-listing.ts';
import type { AdaptationListing, AdaptationPage } from './adaptation-page.ts';
import type { DecisionsPage } from './decisions-page.ts';
import type { ReferencesPage } from './references-page.ts';
import type { RunPage } from './run-page.ts';
import type { TableListing, TablePage } from './table-page.ts';
import type { TrialPage } from './trial-page.ts';

export interface RunsPage {
  /** Where they are stored, as this program was started. */
  readonly database: string;
  readonly runs: readonly RunListing[];
  readonly adaptations: readonly AdaptationListing[];
}

export interface TablesPage {
  readonly tables: readonly TableListing[];
  /** Files that are no tables, and why. */
  readonly broken: readonly string[];
}

/** What each kind of page is drawn from. */
export interface PageDocuments {
  readonly runs: RunsPage;
  readonly run: RunPage;
  readonly decisions: DecisionsPage;
  readonly references: ReferencesPage;
  readonly 'table-of-run': TablePage;
  readonly trial: TrialPage;
  readonly comparison: ReturnType<typeof comparisonDocument>;
  readonly adaptation: AdaptationPage;
  readonly tables: TablesPage;
  readonly table: TablePage;
}
