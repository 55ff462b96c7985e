import { NasError } from '../../../base/errors.ts';
import { parseDurationMs } from '../../../base/units.ts';
import { paretoFront } from '../../../objective/pareto.ts';
import { comparisonDocument, comparisonReport } from '../../../report/run-comparison.ts';
import { differencesOf } from '../../comparable-runs.ts';
import { print, printJson } from '../../output.ts';
import { readRuns } from '../../read-runs.ts';
import { deviceIndex } from '../../run-devices.ts';
import { outlineOf } from '../../run-outline.ts';

export interface CompareOptions {
  readonly target?: readonly string[];
  readonly device?: string;
  readonly anyway?: true;
}

/** What `nas runs compare` prints. */
export function compareRuns(
  ids: readonly string[],
  { target, device: name, anyway }: CompareOptions,
  json: boolean,
): void {
  if (new Set(ids).size < Math.max(2, ids.length)) {
    throw new NasError('nas runs compare', {
      found: ids.length < 2 ? 'one run' : 'a run twice',
      expected: 'two or more runs that differ',
      next: 'nas runs lists them',
    });
  }
  const comparison = readRuns((store) => {
    const stored = ids.map((id) => store.run(id));
    const devices = stored.map((run) => deviceIndex(run, name));
    const { prohibitive, notable } = differencesOf(
      stored.map((run, i) => ({ run, device: devices[i] ?? 0 })),
    );
    const [first] = prohibitive;
    if (first !== undefined && anyway !== true) {
      throw new NasError(ids.join(' and '), {
        found: first,
        expected: 'runs whose figures mean the same',
        next: 'compare them nevertheless with --anyway',
      });
    }
    const asked = target?.map((text) => parseDurationMs(text, '--target'));
    const targetsMs = asked ?? stored.flatMap(({ config }) => outlineOf(config).targetsMs);
    const distinct = [...new Set(targetsMs)].sort((a, b) => a - b);
    return {
      warnings: [...prohibitive, ...notable],
      targetsMs: distinct,
      runs: ids.map((run, i) => ({
        run,
        trials: store.trialCount(run),
        front: paretoFront(store.figures(run, devices[i])),
        best: distinct.map((targetMs) => store.bestUnder(run, targetMs, devices[i])),
      })),
    };
  });
  if (json) printJson(comparisonDocument(comparison));
  else print(comparisonReport(comparison));
}
