import { formatPercent } from '../base/units.ts';
import { completedTrials } from '../flows/search.ts';
import type { Trial } from '../objective/trial.ts';
import type { Retraining } from '../store/store.ts';

/** The candidates of a search that were trained once more, before one of them was called its answer. */
export interface Finalists {
  /** Epochs for each of the proxy's recipe. */
  readonly longer: number;
  readonly retrained: readonly Retraining[];
}

/** What they came to, the best first, each beside what was known of it before. */
export function finalistLines(
  run: string,
  trials: readonly Trial[],
  { longer, retrained }: Finalists,
  isInherited: boolean,
): readonly string[] {
  const accuracies = new Map(completedTrials(trials).map(({ number, accuracy }) => [number, accuracy]));
  const how = longer === 1 ? 'trained on its own' : `trained ${longer} times as long as the proxy`;
  return [...retrained]
    .sort((a, b) => b.accuracy - a.accuracy)
    .flatMap(({ trial, accuracy }) => {
      const before = accuracies.get(trial);
      if (before === undefined) return [];
      const known = `${formatPercent(before)} ${isInherited ? 'inherited' : 'by the proxy'}`;
      return [`${run}/${trial}: ${formatPercent(accuracy)} ${how}, ${known}`];
    });
}
