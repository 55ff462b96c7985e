import { runTable } from '../../../report/run-table.ts';
import { listedRuns } from '../../listed-runs.ts';
import { print, printJson } from '../../output.ts';
import { readRuns } from '../../read-runs.ts';

/** What `nas runs` prints. */
export function listRuns(json: boolean): void {
  const runs = readRuns(listedRuns);
  if (json) printJson(runs);
  else print(runTable(runs));
}
