import { NasError } from '../base/errors.ts';
import type { RunComparison } from '../report/run-comparison.ts';
import type { Store } from '../store/store.ts';
import { differencesOf } from './comparable-runs.ts';
import { deviceIndex } from './run-devices.ts';
import { outlineOf } from './run-outline.ts';

export interface CompareRequest {
  /** Those of the runs where left out. */
  readonly targetsMs?: readonly number[] | undefined;
  /** Name of one of the runs' devices; the first where left out. */
  readonly device?: string | undefined;
  /** Though their figures do not mean the same; then that is a warning. */
  readonly anyway: boolean;
}

/** Stored runs against each other. */
export function comparedRuns(
  store: Store,
  ids: readonly string[],
  { targetsMs: asked, device: name, anyway }: CompareRequest,
): RunComparison {
  const stored = ids.map((id) => store.run(id));
  const devices = stored.map((run) => deviceIndex(run, name));
  const { prohibitive, notable } = differencesOf(stored.map((run, i) => ({ run, device: devices[i] ?? 0 })));
  const [first] = prohibitive;
  if (first !== undefined && !anyway) {
    throw new NasError(ids.join(' and '), {
      found: first,
      expected: 'runs whose figures mean the same',
      next: 'compare them nevertheless with --anyway',
    });
  }
  const targetsMs = asked ?? stored.flatMap(({ config }) => outlineOf(config).targetsMs);
  const distinct = [...new Set(targetsMs)].sort((a, b) => a - b);
  return {
    warnings: [...prohibitive, ...notable],
    targetsMs: distinct,
    runs: ids.map((run, i) => ({
      run,
      trials: store.trialCounts(run).trials,
      front: store.front(run, devices[i]),
      best: distinct.map((targetMs) => store.bestUnder(run, targetMs, devices[i])),
    })),
  };
}
