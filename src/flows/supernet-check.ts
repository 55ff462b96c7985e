import { sampleStandardDeviation } from 'simple-statistics';
import { NasError } from '../base/errors.ts';
import { createRng } from '../base/rng.ts';
import type { Genotype } from '../space/genotype.ts';
import type { Trainer } from '../trainers/trainer.ts';
import type { ProxyCandidate, ProxyCheckProgress } from './proxy-check.ts';
import { type RankAgreement, rankAgreement } from './rank-agreement.ts';
import { NO_JOURNAL, trainAll } from './train-all.ts';

/** One network with the supernet's weights, and trained on its own. */
export interface SupernetPoint {
  readonly genotype: Genotype;
  /** Of the proxy. */
  readonly macs: number;
  readonly inheritedAccuracy: number;
  readonly trainedAccuracy: number;
}

/** How well a supernet ranks networks: agreement of inherited accuracies with those of trainings on their own. */
export interface SupernetCheck extends RankAgreement {
  /** Epochs of the trainings for each epoch of the proxy's recipe. */
  readonly longerBy: number;
  readonly points: readonly SupernetPoint[];
  /** Standard deviation of inherited accuracies as a part of that of trained ones: supernets level differences. */
  readonly spread: number;
  /** Processor time to score one network. */
  readonly cpuSecondsEach: number;
}

export interface SupernetCheckParts {
  /** Scores by inherited weights. */
  readonly supernet: Trainer;
  /** Trains on its own. */
  readonly trainer: Trainer;
}

export interface SupernetCandidate extends ProxyCandidate {
  /** Where it was trained for so long already, what that came to. */
  readonly trainedAccuracy?: number | undefined;
}

/**
 * Scores every candidate by the supernet, then trains each on its own, the longest training first, and returns how
 * alike the two orders are. A network of which one of the two failed is left out.
 */
export async function* checkSupernet(
  candidates: readonly SupernetCandidate[],
  longerBy: number,
  seed: string,
  { supernet, trainer }: SupernetCheckParts,
  signal: AbortSignal,
): AsyncGenerator<ProxyCheckProgress, SupernetCheck> {
  const inherited = candidates.map(() => Number.NaN);
  const trained = candidates.map(({ trainedAccuracy }) => trainedAccuracy ?? Number.NaN);
  const waiting = candidates
    .flatMap(({ training, macs, trainedAccuracy }, index) =>
      trainedAccuracy === undefined ? [{ index, training, macs: macs * longerBy }] : [],
    )
    .sort((a, b) => b.macs - a.macs);
  const total = waiting.length;

  let cpuSeconds = 0;
  const scores = candidates.map(({ training }, index) => ({
    key: String(index),
    request: { ...training, seed },
  }));
  for await (const ended of trainAll(scores, supernet, NO_JOURNAL, signal)) {
    if ('error' in ended) {
      yield { ...{ done: 0, total, macs: 0 }, failure: `score of ${ended.key}: ${ended.error.message}` };
    } else {
      inherited[Number(ended.key)] = ended.accuracy;
      cpuSeconds += ended.cpuSeconds;
    }
  }

  const macsOf = new Map(waiting.map(({ index, macs }) => [String(index), macs]));
  const alone = waiting.map(({ index, training }) => {
    const recipe = { ...training.recipe, epochs: training.recipe.epochs * longerBy };
    return { key: String(index), request: { ...training, recipe, seed: `${seed}/alone ${index}` } };
  });
  let done = 0;
  for await (const ended of trainAll(alone, trainer, NO_JOURNAL, signal)) {
    if ('accuracy' in ended) trained[Number(ended.key)] = ended.accuracy;
    yield {
      ...{ done: ++done, total, macs: macsOf.get(ended.key) ?? 0 },
      ...('error' in ended ? { failure: `training of ${ended.key}: ${ended.error.message}` } : {}),
    };
  }

  const points = candidates.flatMap(({ genotype, macs }, index): SupernetPoint[] => {
    const point = {
      ...{ genotype, macs },
      inheritedAccuracy: inherited[index] ?? Number.NaN,
      trainedAccuracy: trained[index] ?? Number.NaN,
    };
    return Number.isNaN(point.inheritedAccuracy + point.trainedAccuracy) ? [] : [point];
  });
  return { ...summarizeSupernet(points, longerBy, seed), cpuSecondsEach: cpuSeconds / candidates.length };
}

/** What the points of a check say. */
export function summarizeSupernet(
  points: readonly SupernetPoint[],
  longerBy: number,
  seed: string,
): Omit<SupernetCheck, 'cpuSecondsEach'> {
  if (points.length < 3) {
    throw new NasError('supernet check', {
      found: `${points.length} networks with both accuracies`,
      expected: 'at least 3 to rank',
      next: 'check more networks, or see with nas search why they fail',
    });
  }
  const networks = points.map(({ inheritedAccuracy: first, trainedAccuracy: second, macs }) => ({
    ...{ first, second, macs },
  }));
  const spreadOf = (accuracies: readonly number[]): number => sampleStandardDeviation([...accuracies]);
  return {
    longerBy,
    points,
    ...rankAgreement(networks, createRng(`${seed}/bootstrap`)),
    spread: spreadOf(networks.map(({ first }) => first)) / spreadOf(networks.map(({ second }) => second)),
  };
}
