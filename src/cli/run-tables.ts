import { parseTable } from '../latency/parse-table.ts';
import type { LatencyTable } from '../latency/table.ts';
import type { StoredRun } from '../store/store.ts';

/** The latency tables of a run's devices, the first device first. */
export function tablesOf({ id, table, otherTables = [] }: StoredRun): readonly LatencyTable[] {
  return [table, ...otherTables].map((text) => parseTable(text, `run ${id}: latency table`));
}
