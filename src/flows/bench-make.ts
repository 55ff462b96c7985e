import { NasError } from '../base/errors.ts';
import type { Trainer, TrainRequest } from '../trainers/trainer.ts';

/** One network of a space trained once. */
export interface BenchTraining {
  /** Of the network, in mixed radix, the first decision most significant. */
  readonly index: number;
  /** Which of the trainings of the network, from 0. */
  readonly repetition: number;
  readonly accuracy: number;
  readonly cpuSeconds: number;
}

export interface BenchMakePlan {
  readonly networks: number;
  /** Trainings of each network, each from a seed of its own. */
  readonly repetitions: number;
  readonly seed: string;
}

/**
 * Trains every network of a space some times, all once before any twice, and yields each training when it has ended;
 * those that are done already are left out. Trainings that fail do not stop the others; at the end the first one's error
 * is thrown.
 */
export async function* trainAll(
  { networks, repetitions, seed }: BenchMakePlan,
  done: readonly BenchTraining[],
  training: (index: number) => Omit<TrainRequest, 'seed'>,
  trainer: Trainer,
  signal: AbortSignal,
): AsyncGenerator<BenchTraining> {
  const finished = new Set(done.map(({ index, repetition }) => `${index}/${repetition}`));
  const waiting = Array.from({ length: networks * repetitions }, (_, i) => ({
    index: i % networks,
    repetition: Math.floor(i / networks),
  })).filter(({ index, repetition }) => !finished.has(`${index}/${repetition}`));
  const failures: { readonly index: number; readonly error: NasError }[] = [];

  const train = async (index: number, repetition: number): Promise<BenchTraining | undefined> => {
    try {
      const request = { ...training(index), seed: `${seed}/network ${index}/${repetition}` };
      const { accuracy, cpuSeconds } = await trainer.train(request, signal);
      return { index, repetition, accuracy, cpuSeconds };
    } catch (error) {
      if (signal.aborted || !(error instanceof NasError)) throw error;
      failures.push({ index, error });
      return undefined;
    }
  };

  const running = new Map<object, Promise<readonly [object, BenchTraining | undefined]>>();
  while (waiting.length > 0 || running.size > 0) {
    while (running.size < trainer.parallelism) {
      const next = waiting.shift();
      if (next === undefined) break;
      running.set(
        next,
        train(next.index, next.repetition).then((result) => [next, result] as const),
      );
    }
    let ended: readonly [object, BenchTraining | undefined];
    try {
      ended = await Promise.race(running.values());
    } catch (error) {
      await Promise.allSettled(running.values());
      throw error;
    }
    running.delete(ended[0]);
    if (ended[1] !== undefined) yield ended[1];
  }
  const [first] = failures;
  if (first !== undefined) {
    throw new NasError(`network ${first.index}`, {
      found: `${failures.length} of ${networks * repetitions} trainings failed, the first because ${first.error.message}`,
      next: 'the same command tries them again; what was trained is kept',
      cause: first.error,
    });
  }
}
