import { NasError } from '../base/errors.ts';
import { createRng } from '../base/rng.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Trainer, TrainRequest } from '../trainers/trainer.ts';
import { type RankAgreement, rankAgreement } from './rank-agreement.ts';

/** One network trained twice: as the proxy does, and longer. */
export interface ProxyPoint {
  readonly genotype: Genotype;
  /** Of the proxy. */
  readonly macs: number;
  readonly shortAccuracy: number;
  readonly longAccuracy: number;
}

/** How well a proxy ranks networks: agreement of short and long trainings. */
export interface ProxyCheck extends RankAgreement {
  /** Epochs of the long training for each epoch of the short one. */
  readonly longerBy: number;
  readonly points: readonly ProxyPoint[];
}

export interface ProxyCandidate {
  readonly genotype: Genotype;
  readonly macs: number;
  readonly training: Omit<TrainRequest, 'seed'>;
}

/** One training has ended. */
export interface ProxyCheckProgress {
  readonly done: number;
  readonly total: number;
  /** What it took, as multiply-accumulates an image times epochs. */
  readonly macs: number;
}

/**
 * Trains every candidate short and long, the longest trainings first, and returns how alike the two orders are.
 * A network of which one training failed is left out.
 */
export async function* checkProxy(
  candidates: readonly ProxyCandidate[],
  longerBy: number,
  seed: string,
  trainer: Trainer,
  signal: AbortSignal,
): AsyncGenerator<ProxyCheckProgress, ProxyCheck> {
  const accuracies = candidates.map(() => ({ short: Number.NaN, long: Number.NaN }));
  const waiting = candidates
    .flatMap(({ training, macs }, index) => [
      { index, macs, length: 'long' as const, work: macs * longerBy, training },
      { index, macs, length: 'short' as const, work: macs, training },
    ])
    .sort((a, b) => b.work - a.work);
  const total = waiting.length;
  const running = new Map<object, Promise<(typeof waiting)[number]>>();
  for (let done = 1; done <= total; done++) {
    while (running.size < trainer.parallelism) {
      const job = waiting.shift();
      if (job === undefined) break;
      const { recipe, ...training } = job.training;
      const epochs = job.length === 'long' ? recipe.epochs * longerBy : recipe.epochs;
      const request = {
        ...training,
        recipe: { ...recipe, epochs },
        seed: `${seed}/${job.length} ${job.index}`,
      };
      running.set(
        job,
        trainer.train(request, signal).then(
          ({ accuracy }) => {
            const pair = accuracies[job.index];
            if (pair !== undefined) pair[job.length] = accuracy;
            return job;
          },
          (error: unknown) => {
            if (signal.aborted || !(error instanceof NasError)) throw error;
            return job;
          },
        ),
      );
    }
    const job = await Promise.race(running.values());
    running.delete(job);
    yield { done, total, macs: job.work };
  }
  const points = candidates.flatMap(({ genotype, macs }, index) => {
    const { short: shortAccuracy, long: longAccuracy } = accuracies[index] ?? {
      short: Number.NaN,
      long: Number.NaN,
    };
    return Number.isNaN(shortAccuracy + longAccuracy)
      ? []
      : [{ genotype, macs, shortAccuracy, longAccuracy }];
  });
  return summarizeProxy(points, longerBy, seed);
}

/** The rank correlations of a check's points. */
export function summarizeProxy(points: readonly ProxyPoint[], longerBy: number, seed: string): ProxyCheck {
  const networks = points.map(({ shortAccuracy: first, longAccuracy: second, macs }) => ({
    first,
    second,
    macs,
  }));
  return { longerBy, points, ...rankAgreement(networks, createRng(`${seed}/bootstrap`)) };
}
