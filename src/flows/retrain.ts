import { NasError } from '../base/errors.ts';
import { paretoFront } from '../objective/pareto.ts';
import type { CompletedTrial } from '../objective/trial.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Retraining } from '../store/store.ts';
import type { Trainer, TrainRequest } from '../trainers/trainer.ts';

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
 * The candidates that the answer may be among: of those estimated under the target the most accurate ones, as they
 * inherited; where none is, those of the front that come closest to it. An inherited accuracy levels the differences
 * between good networks, so more than the front's best is worth training.
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
 * Trains candidates on their own, the most accurate by inheritance first. Those of `known` are not trained again, so
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
  const total = waiting.length;
  const running = new Map<
    number,
    Promise<Retraining | { readonly trial: number; readonly error: NasError }>
  >();
  for (let done = 1; done <= total; done++) {
    while (running.size < trainer.parallelism) {
      const candidate = waiting.shift();
      if (candidate === undefined) break;
      const { number: trial, genotype } = candidate;
      running.set(
        trial,
        trainer.train({ ...training(genotype), seed: `${seed}/retraining ${trial}` }, signal).then(
          ({ accuracy, cpuSeconds }) => ({ trial, accuracy, cpuSeconds }),
          (error: unknown) => {
            if (signal.aborted || !(error instanceof NasError)) throw error;
            return { trial, error };
          },
        ),
      );
    }
    const ended = await Promise.race(running.values());
    running.delete(ended.trial);
    if ('error' in ended) yield { kind: 'failed', ...ended };
    else {
      save(ended);
      yield { kind: 'retrained', retraining: ended, done, total };
    }
  }
}

/** The trials that were trained on their own, with the accuracies of that. */
export function retrainedTrials<Known extends Pick<CompletedTrial, 'number' | 'accuracy'>>(
  trials: readonly Known[],
  retrainings: readonly Retraining[],
): readonly Known[] {
  return trials.flatMap((trial) => {
    const found = retrainings.find((retraining) => retraining.trial === trial.number);
    return found === undefined ? [] : [{ ...trial, accuracy: found.accuracy }];
  });
}
