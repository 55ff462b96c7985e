import { mean, quantile } from 'simple-statistics';
import type { Genotype } from '../../space/genotype.ts';
import { neighbours } from '../../space/mutate.ts';
import { sampleGenotype } from '../../space/sample.ts';
import { createProposals } from '../proposals.ts';
import type { Diagnostics, Strategy, StrategyOptions } from '../strategy.ts';
import { AccuracyModel, type Observation } from './accuracy-model.ts';
import { createDream, type DreamOptions } from './dream.ts';
import { expectation } from './expectation.ts';
import { createFeatures } from './features.ts';
import { createFront, type Front } from './front.ts';
import { type Candidate, createPool, type Goal } from './pool.ts';

export interface GuidedOptions extends DreamOptions {
  /** Networks drawn at random before the predictor is asked. */
  readonly initial: number;
  /** The part of proposals that is to widen the front of accuracy and latency, not to raise the reward. */
  readonly frontShare: number;
  /** Networks kept in mind. */
  readonly pool: number;
  /** Networks whose neighbours join the pool with each proposal. */
  readonly expansions: number;
  /** Most neighbours of one network that join. */
  readonly neighbours: number;
  /** The controller dreams after so many proposals … */
  readonly dreamEvery: number;
  /** … of so many networks, which join the pool. */
  readonly dreams: number;
  /** Most outcomes the predictor learns from. */
  readonly memory: number;
}

export const GUIDED_DEFAULTS: GuidedOptions = {
  initial: 10,
  frontShare: 0.34,
  pool: 120,
  expansions: 2,
  neighbours: 24,
  dreamEvery: 5,
  dreams: 10,
  hiddenUnits: 8,
  learningRate: 0.05,
  entropyWeight: 0.01,
  memory: 192,
};

/** Candidates of which the gain is worked out with their own deviation, for each proposal. */
const FINALISTS = 5;
/** A reward expected to rise by less than this part of it is not worth a trial: the front is. */
const NEGLIGIBLE = 1e-5;

interface Outstanding {
  readonly observation: Observation;
  /** Accuracy; nothing is predicted before the first front. */
  readonly predicted: number | undefined;
}

/**
 * The default. MnasNet's controller with a model of accuracy beside it, in the manner of Bayesian optimization: what a
 * trial costs is minutes, what the model says is free, and latency is known without either. Between trials the controller
 * learns from predicted rewards; what it draws, and the neighbours of what promises most, are kept in a pool; proposed is the
 * network expected to raise the best reward most (expected improvement, Jones et al. 1998), at the latency it has. Some
 * proposals are for the front of accuracy and latency instead: those expected to add most to its hypervolume. So a search
 * for one target tells what others would give, and keeps exploring. All are, once the reward can hardly be raised.
 */
export function createGuided(space: StrategyOptions, options: GuidedOptions = GUIDED_DEFAULTS): Strategy {
  const { decisions, rng, reward } = space;
  const proposals = createProposals(space);
  const features = createFeatures(decisions, space.costs, rng.fork('features'));
  const model = new AccuracyModel(features, options.memory);
  const dream = createDream(decisions, options, rng.fork('dream'));
  const pool = createPool(options.pool);
  const seeds = [...space.seeds];
  /** Networks in the pool, proposed or refused. */
  const seen = new Set<string>();
  /** Proposals that were not told of yet. */
  const outstanding = new Map<string, Outstanding>();
  const told: { readonly accuracy: number; readonly latencyMs: number }[] = [];
  let front: Front | undefined;
  let bestReward = Number.NEGATIVE_INFINITY;
  let asked = 0;
  let owedToFront = 0;
  /** Of a network not looked at closely: what the latest ones that were had. */
  let usualDeviation = 1;

  const candidateOf = (genotype: Genotype, key: string): Candidate => {
    const costs = space.costs(genotype);
    return {
      genotype,
      key,
      point: { options: model.encode(genotype), covariates: features.covariatesOf(costs) },
      latencyMs: costs.latencyMs,
      mean: 0,
      deviation: usualDeviation,
      deviationAt: -1,
      hopes: { reward: 0, front: 0 },
      isExpanded: false,
    };
  };
  const consider = (genotype: Genotype): void => {
    const key = genotype.join();
    if (seen.has(key)) return;
    seen.add(key);
    if (space.admits(genotype)) pool.add(candidateOf(genotype, key));
  };
  const considerNeighbours = (genotype: Genotype): void => {
    const all = neighbours(decisions, genotype, rng);
    const some =
      all.length <= options.neighbours
        ? all
        : Array.from({ length: options.neighbours }, () => all[rng.integer(all.length)] ?? genotype);
    for (const next of some) consider(next);
  };

  const gains: Readonly<Record<Goal, (accuracy: number, latencyMs: number) => number>> = {
    reward: (accuracy, latencyMs) => reward(accuracy, latencyMs) - bestReward,
    front: (accuracy, latencyMs) => front?.gain(accuracy, latencyMs) ?? 0,
  };
  const look = (candidate: Candidate): void => {
    candidate.mean = model.mean(candidate.point);
    const accuracy = model.accuracyOf(candidate.mean + candidate.deviation);
    candidate.hopes.reward = gains.reward(accuracy, candidate.latencyMs);
    candidate.hopes.front = gains.front(accuracy, candidate.latencyMs);
  };
  const expectedGain = (candidate: Candidate, goal: Goal): number =>
    expectation(candidate.mean, candidate.deviation, (value) =>
      Math.max(gains[goal](model.accuracyOf(value), candidate.latencyMs), 0),
    );

  /** The candidate that is expected to add most to a goal. */
  const choose = (goal: Goal): { readonly candidate: Candidate; readonly gain: number } | undefined => {
    let chosen: { readonly candidate: Candidate; readonly gain: number } | undefined;
    for (const candidate of pool.best(goal, FINALISTS, () => true)) {
      if (candidate.deviationAt !== asked) {
        candidate.deviation = model.deviation(candidate.point);
        candidate.deviationAt = asked;
        usualDeviation += 0.1 * (candidate.deviation - usualDeviation);
      }
      const gain = expectedGain(candidate, goal);
      if (chosen === undefined || gain > chosen.gain) chosen = { candidate, gain };
    }
    return chosen;
  };

  const begin = (): Front => {
    const begun = createFront({
      accuracy: quantile(
        told.map(({ accuracy }) => accuracy),
        0.25,
      ),
      latencyMs: features.highLatencyMs,
    });
    for (const point of told) begun.add(point);
    return begun;
  };

  /** Brings the pool up to date with what was told, and into it what is worth a look now. */
  const prepare = (goal: Goal): void => {
    if (asked % options.dreamEvery === 0) {
      const drawn = dream.next(options.dreams, (genotype) => {
        const { point, latencyMs } = candidateOf(genotype, '');
        return reward(model.accuracyOf(model.mean(point)), latencyMs);
      });
      for (const genotype of drawn) consider(genotype);
    }
    for (const candidate of pool.candidates) look(candidate);
    const known = pool.candidates.length;
    for (const candidate of pool.best(goal, options.expansions, ({ isExpanded }) => !isExpanded)) {
      candidate.isExpanded = true;
      considerNeighbours(candidate.genotype);
    }
    for (const candidate of pool.candidates.slice(known)) look(candidate);
    for (const { key } of pool.trim()) seen.delete(key);
  };

  /** Of the proposal that is looked for now; it is not decided again where a candidate was refused. */
  let goal: Goal | undefined;
  const next = (): Genotype | undefined => {
    const seed = seeds.shift();
    if (seed !== undefined) return seed;
    if (asked < options.initial || told.length < 3) return sampleGenotype(decisions, rng);
    front ??= begin();
    if (goal === undefined) {
      owedToFront += options.frontShare;
      goal = owedToFront >= 1 ? 'front' : 'reward';
      if (goal === 'front') owedToFront--;
      prepare(goal);
    }
    let chosen = choose(goal);
    if (goal === 'reward' && (chosen === undefined || chosen.gain < NEGLIGIBLE * Math.abs(bestReward))) {
      chosen = choose('front') ?? chosen;
    }
    if (chosen === undefined) return undefined;
    pool.remove(chosen.candidate);
    return chosen.candidate.genotype;
  };

  return {
    ask(count) {
      const found: Genotype[] = [];
      while (found.length < count) {
        goal = undefined;
        const [genotype] = proposals.fill(1, next);
        if (genotype === undefined) break;
        found.push(genotype);
        asked++;
        const key = genotype.join();
        seen.add(key);
        const { point } = candidateOf(genotype, key);
        const predicted = front && model.accuracyOf(model.mean(point));
        outstanding.set(key, { observation: model.propose(point), predicted });
      }
      return found;
    },
    tell(outcomes): Diagnostics {
      const errors: number[] = [];
      for (const { genotype, accuracy, latencyMs, reward: value } of outcomes) {
        const key = genotype.join();
        const { observation, predicted } = outstanding.get(key) ?? {};
        outstanding.delete(key);
        if (observation !== undefined) model.tell(observation, accuracy);
        if (accuracy !== undefined && predicted !== undefined) errors.push(Math.abs(accuracy - predicted));
        if (accuracy === undefined || value === undefined) continue;
        const isBetter = value > bestReward || (front?.gain(accuracy, latencyMs) ?? 0) > 0;
        told.push({ accuracy, latencyMs });
        front?.add({ accuracy, latencyMs });
        bestReward = Math.max(bestReward, value);
        if (isBetter) considerNeighbours(genotype);
      }
      return errors.length === 0 ? {} : { prediction_error: mean(errors) };
    },
  };
}
