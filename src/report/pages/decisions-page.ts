import { paretoFront } from '../../objective/pareto.ts';
import { type Decision, isActive } from '../../space/decision.ts';
import type { TrialChoices } from '../../store/store.ts';
import { optionLabels } from '../option-labels.ts';

/** How the networks with one option of a decision did. */
export interface OptionStatistics {
  readonly label: string;
  /** Completed trials that have it. */
  readonly trials: number;
  /** Of those, networks of the front. */
  readonly onFront: number;
  /** Means over them; `null` where there are none. */
  readonly accuracy: number | null;
  readonly latencyMs: number | null;
}

export interface DecisionStatistics {
  readonly name: string;
  readonly options: readonly OptionStatistics[];
}

/** A network as a line through the options that it chose. */
export interface ChoiceLine {
  readonly trial: number;
  readonly accuracy: number;
  readonly latencyMs: number;
  readonly isOnFront: boolean;
  /** One option a decision; −1 where the network does not have it. */
  readonly choices: readonly number[];
}

/** What the trials of a run chose. */
export interface DecisionsPage {
  readonly run: string;
  readonly decisions: readonly DecisionStatistics[];
  /** The front, and the most accurate of the others. */
  readonly lines: readonly ChoiceLine[];
  /** Completed trials, of which the lines are some. */
  readonly trials: number;
}

/** Lines that an eye can follow. */
const LINES = 150;

export function decisionsPage(
  run: string,
  decisions: readonly Decision[],
  trials: readonly TrialChoices[],
): DecisionsPage {
  const front = new Set(paretoFront(trials).map(({ number }) => number));
  const sums = decisions.map(({ options }) =>
    options.map(() => ({ trials: 0, onFront: 0, accuracy: 0, latencyMs: 0 })),
  );
  for (const { number, genotype, accuracy, latencyMs } of trials) {
    const onFront = front.has(number) ? 1 : 0;
    genotype.forEach((choice, index) => {
      const sum = sums[index]?.[choice];
      if (sum === undefined) return;
      sum.trials++;
      sum.onFront += onFront;
      sum.accuracy += accuracy;
      sum.latencyMs += latencyMs;
    });
  }
  return {
    run,
    decisions: decisions.map(({ name, options }, index) => {
      const labels = optionLabels(options);
      return {
        name,
        options: (sums[index] ?? []).map((sum, option) => ({
          label: labels[option] ?? '',
          trials: sum.trials,
          onFront: sum.onFront,
          accuracy: sum.trials === 0 ? null : sum.accuracy / sum.trials,
          latencyMs: sum.trials === 0 ? null : sum.latencyMs / sum.trials,
        })),
      };
    }),
    lines: [...trials]
      .sort((a, b) => Number(front.has(b.number)) - Number(front.has(a.number)) || b.accuracy - a.accuracy)
      .slice(0, Math.max(LINES, front.size))
      .map(({ number, accuracy, latencyMs, genotype }) => ({
        ...{ trial: number, accuracy, latencyMs, isOnFront: front.has(number) },
        choices: decisions.map((decision, index) =>
          isActive(decision, genotype) ? (genotype[index] ?? -1) : -1,
        ),
      })),
    trials: trials.length,
  };
}
