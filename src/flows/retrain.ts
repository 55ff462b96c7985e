import type { NasError } from '../base/errors.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { CompletedTrial } from '../objective/trial.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Retraining } from '../store/store.ts';
import type { Trainer, TrainRequest } from '../trainers/trainer.ts';
import { NO_JOURNAL, trainAll } from './train-all.ts';

export type RetrainEvent =
  | {
      readonly kind: 'retrained';
      readonly retraining: Retraining;
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: 'failed'; readonly trial: number; readonly error: NasError };

export interface RetrainParts {
  readonly trainer: Trainer;
  /** What to train of a trial's network, but for the seed. */
  readonly training: (genotype: Genotype) => Omit<TrainRequest, 'seed'>;
  /** Durable when it returns. */
  readonly save: (retraining: Retraining) => void;
}

/**
 * The candidates that the answer may be among: of those estimated under the target the most accurate ones, as the search
 * knows them; where none is, those of the front that come closest to it. A proxy's order is not that of long trainings, and
 * an inherited accuracy levels the differences between good networks, so more than the front's best is worth training.
 */
export function retrainingChoice(
  trials: readonly CompletedTrial[],
  targetMs: number,
  count: number,
): readonly CompletedTrial[] {
  const meeting = trials.filter(({ latencyMs }) => latencyMs <= targetMs);
  if (meeting.length === 0) return paretoFront(trials).slice(0, count);
  return [...meeting].sort((a, b) => b.accuracy - a.accuracy || a.number - b.number).slice(0, count);
}

/**
 * Trains candidates once more, the most accurate first. Those of `known` are not trained again, so
 * that a retraining that was broken off goes on where it was.
 */
export async function* retrain(
  candidates: readonly CompletedTrial[],
  known: readonly Retraining[],
  seed: string,
  { trainer, training, save }: RetrainParts,
  signal: AbortSignal,
): AsyncGenerator<RetrainEvent> {
  const waiting = candidates.filter(({ number }) => known.every(({ trial }) => trial !== number));
  const planned = waiting.map(({ number, genotype }) => ({
    key: String(number),
    request: { ...training(genotype), seed: `${seed}/retraining ${number}` },
  }));
  let done = 0;
  for await (const ended of trainAll(planned, trainer, NO_JOURNAL, signal)) {
    done++;
    const trial = Number(ended.key);
    if ('error' in ended) {
      yield { kind: 'failed', trial, error: ended.error };
      continue;
    }
    const { accuracy, cpuSeconds } = ended;
    const retraining = { trial, accuracy, cpuSeconds };
    save(retraining);
    yield { kind: 'retrained', retraining, done, total: planned.length };
  }
}

/** The trials that were trained once more, with the accuracies of that. */
export function retrainedTrials<Known extends Pick<CompletedTrial, 'number' | 'accuracy'>>(
  trials: readonly Known[],
  retrainings: readonly Retraining[],
): readonly Known[] {
  return trials.flatMap((trial) => {
    const found = retrainings.find((retraining) => retraining.trial === trial.number);
    return found === undefined ? [] : [{ ...trial, accuracy: found.accuracy }];
  });
}
