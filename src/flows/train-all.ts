import { NasError } from '../base/errors.ts';
import type { Trainer, TrainRequest } from '../trainers/trainer.ts';

/** One training of many; the key tells it from the others. */
export interface PlannedTraining {
  readonly key: string;
  readonly request: TrainRequest;
}

export interface Trained {
  readonly key: string;
  readonly accuracy: number;
  readonly cpuSeconds: number;
}

interface Failed {
  readonly key: string;
  readonly error: NasError;
}

/** Where trainings are kept as soon as they end, so that what was interrupted goes on from there. */
export interface TrainingJournal {
  readonly trainings: ReadonlyMap<string, Trained>;
  append(training: Trained): void;
}

/** Of trainings that are kept elsewhere, or not at all. */
export const NO_JOURNAL: TrainingJournal = { trainings: new Map(), append: () => undefined };

/**
 * Trains all that is planned, in that order, as many at once as the trainer takes, and yields each when it has ended:
 * first those that the log has, which are not trained again. Trainings that fail are not logged and do not stop the others.
 */
export async function* trainAll(
  planned: readonly PlannedTraining[],
  trainer: Trainer,
  log: TrainingJournal,
  signal: AbortSignal,
): AsyncGenerator<Trained | Failed> {
  const waiting: PlannedTraining[] = [];
  for (const training of planned) {
    const logged = log.trainings.get(training.key);
    if (logged === undefined) waiting.push(training);
    else yield logged;
  }

  const train = async ({ key, request }: PlannedTraining): Promise<Trained | Failed> => {
    try {
      const { accuracy, cpuSeconds } = await trainer.train(request, signal);
      return { key, accuracy, cpuSeconds };
    } catch (error) {
      if (signal.aborted || !(error instanceof NasError)) throw error;
      return { key, error };
    }
  };

  const running = new Map<string, Promise<Trained | Failed>>();
  while (waiting.length > 0 || running.size > 0) {
    while (running.size < trainer.parallelism) {
      const next = waiting.shift();
      if (next === undefined) break;
      running.set(next.key, train(next));
    }
    let ended: Trained | Failed;
    try {
      ended = await Promise.race(running.values());
    } catch (error) {
      await Promise.allSettled(running.values());
      throw error;
    }
    running.delete(ended.key);
    if ('accuracy' in ended) log.append(ended);
    yield ended;
  }
}
