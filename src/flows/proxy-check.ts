import { createRng } from '../base/rng.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Trainer, TrainRequest } from '../trainers/trainer.ts';
import { type RankAgreement, rankAgreement } from './rank-agreement.ts';
import { type PlannedTraining, type TrainingJournal, trainAll } from './train-all.ts';

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
  /** Whether it was trained before an interruption. */
  readonly isLogged?: boolean;
  /** Why it came to nothing, where it failed. */
  readonly failure?: string;
}

/**
 * Trains every candidate short and long, the longest trainings first, and returns how alike the two orders are. What
 * the log has is not trained again. A network of which one training failed is left out.
 */
export async function* checkProxy(
  candidates: readonly ProxyCandidate[],
  longerBy: number,
  seed: string,
  trainer: Trainer,
  log: TrainingJournal,
  signal: AbortSignal,
): AsyncGenerator<ProxyCheckProgress, ProxyCheck> {
  const planned = candidates
    .flatMap(({ training, macs }, index) => [
      plan(training, seed, `long ${index}`, longerBy, macs),
      plan(training, seed, `short ${index}`, 1, macs),
    ])
    .sort((a, b) => b.macs - a.macs);
  const macsOf = new Map(planned.map(({ key, macs }) => [key, macs]));
  const accuracyOf = new Map<string, number>();
  let done = 0;
  for await (const ended of trainAll(planned, trainer, log, signal)) {
    const { key } = ended;
    if ('accuracy' in ended) accuracyOf.set(key, ended.accuracy);
    yield {
      ...{ done: ++done, total: planned.length, macs: macsOf.get(key) ?? 0 },
      isLogged: log.trainings.has(key),
      ...('error' in ended ? { failure: `${key}: ${ended.error.message}` } : {}),
    };
  }
  const points = candidates.flatMap(({ genotype, macs }, index) => {
    const shortAccuracy = accuracyOf.get(`short ${index}`);
    const longAccuracy = accuracyOf.get(`long ${index}`);
    return shortAccuracy === undefined || longAccuracy === undefined
      ? []
      : [{ genotype, macs, shortAccuracy, longAccuracy }];
  });
  return summarizeProxy(points, longerBy, seed);
}

/** A training of so many times the recipe's epochs, and the multiply-accumulates an image that all of them take. */
function plan(
  { recipe, ...training }: ProxyCandidate['training'],
  seed: string,
  key: string,
  epochs: number,
  macs: number,
): PlannedTraining & { readonly macs: number } {
  const request = {
    ...training,
    recipe: { ...recipe, epochs: recipe.epochs * epochs },
    seed: `${seed}/${key}`,
  };
  return { key, request, macs: macs * epochs };
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
