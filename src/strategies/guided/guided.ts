import { mean, quantile, standardDeviation } from 'simple-statistics';
import { createAdam } from '../../numeric/adam.ts';
import type { EffectsPoint } from '../../numeric/effects-regression.ts';
import type { Genotype } from '../../space/genotype.ts';
import { neighbours } from '../../space/mutate.ts';
import { sampleGenotype } from '../../space/sample.ts';
import { Controller } from '../controller/controller.ts';
import { createSampler } from '../controller/sampler.ts';
import { createProposals } from '../proposals.ts';
import type { Diagnostics, Strategy, StrategyOptions } from '../strategy.ts';
import { AccuracyModel } from './accuracy-model.ts';
import { expectation } from './acquisition.ts';
import { createFeatures } from './features.ts';
import { createFront, type Front } from './front.ts';

export interface GuidedOptions {
  /** Networks drawn at random before the predictor is asked. */
  readonly initial: number;
  /** The part of proposals that is to widen the front and not to raise the reward. */
  readonly frontShare: number;
  /** Networks that are kept in mind to be proposed. */
  readonly pool: number;
  /** Networks whose neighbours join the pool with each proposal. */
  readonly expansions: number;
  /** Most neighbours of one network that join. */
  readonly neighbours: number;
  /** Networks of the controller that join with each proposal, and by which it is trained on the predictor. */
  readonly samples: number;
  readonly hiddenUnits: number;
  readonly learningRate: number;
  readonly entropyWeight: number;
  /** Most outcomes the predictor learns from. */
  readonly memory: number;
}

export const GUIDED_DEFAULTS: GuidedOptions = {
  initial: 10,
  frontShare: 0.34,
  pool: 400,
  expansions: 2,
  neighbours: 24,
  samples: 3,
  hiddenUnits: 12,
  learningRate: 0.03,
  entropyWeight: 0.01,
  memory: 512,
};

interface Candidate {
  readonly genotype: Genotype;
  readonly key: string;
  readonly point: EffectsPoint;
  readonly latencyMs: number;
  mean: number;
  /** When it was last worked out; it has only fallen since. */
  deviation: number;
  deviationAt: number;
  isExpanded: boolean;
}

/** Deviations worked out anew for each proposal, at most. */
const REFRESHED = 6;

export function createGuided(space: StrategyOptions, options: GuidedOptions = GUIDED_DEFAULTS): Strategy {
  const { decisions, rng, reward } = space;
  const proposals = createProposals(space);
  const features = createFeatures(decisions, space.costs, rng.fork('features'));
  const model = new AccuracyModel(features, options.memory);
  const controller = new Controller(decisions, options.hiddenUnits, rng.fork('controller'));
  const adam = createAdam(controller.parameters.length, { learningRate: -options.learningRate });
  let sampler = createSampler(controller, decisions);
  const seeds = [...space.seeds];
  const seen = new Set<string>();
  const observed = new Map<string, number>();
  const told: { accuracy: number; latencyMs: number }[] = [];
  let pool: Candidate[] = [];
  let asked = 0;
  let bestReward = Number.NEGATIVE_INFINITY;
  let front: Front | undefined;
  let time = 0;
  let goalCredit = 0;

  const candidateOf = (genotype: Genotype, key: string): Candidate => {
    const costs = space.costs(genotype);
    return {
      genotype,
      key,
      point: { options: model.encode(genotype), covariates: features.covariatesOf(costs) },
      latencyMs: costs.latencyMs,
      mean: 0,
      deviation: 2,
      deviationAt: -1,
      isExpanded: false,
    };
  };
  const consider = (genotype: Genotype): void => {
    const key = genotype.join();
    if (seen.has(key)) return;
    seen.add(key);
    if (!space.admits(genotype)) return;
    pool.push(candidateOf(genotype, key));
  };
  const considerNeighbours = (genotype: Genotype): void => {
    const all = neighbours(decisions, genotype, rng);
    if (all.length <= options.neighbours) {
      for (const next of all) consider(next);
    } else {
      for (let i = 0; i < options.neighbours; i++) {
        const next = all[rng.integer(all.length)];
        if (next !== undefined) consider(next);
      }
    }
  };

  const rewardGain = ({ mean: m, deviation, latencyMs }: Candidate): number =>
    expectation(m, deviation, (value) =>
      Math.max(reward(model.accuracyOf(value), latencyMs) - bestReward, 0),
    );
  const frontGain = ({ mean: m, deviation, latencyMs }: Candidate): number =>
    expectation(m, deviation, (value) => front?.gain(model.accuracyOf(value), latencyMs) ?? 0);

  const best = (gain: (candidate: Candidate) => number): Candidate | undefined => {
    const gains = pool.map(gain);
    for (let refreshed = 0; ; refreshed++) {
      let top = 0;
      for (let i = 1; i < gains.length; i++) if ((gains[i] ?? 0) > (gains[top] ?? 0)) top = i;
      const candidate = pool[top];
      if (candidate === undefined || refreshed >= REFRESHED || candidate.deviationAt === time)
        return candidate;
      candidate.deviation = model.deviation(candidate.point);
      candidate.deviationAt = time;
      gains[top] = gain(candidate);
    }
  };

  const trainController = (): void => {
    const drawn: Genotype[] = [];
    for (let i = 0; i < options.samples; i++) {
      const genotype = sampler.draw(rng);
      if (genotype !== undefined) drawn.push(genotype);
    }
    if (drawn.length < 2) return;
    const values = drawn.map((genotype) => {
      const { point, latencyMs } = candidateOf(genotype, '');
      return reward(model.accuracyOf(model.mean(point)), latencyMs);
    });
    const centre = mean(values);
    const spread = standardDeviation(values) + 1e-9;
    drawn.forEach((genotype, i) => {
      const advantage = ((values[i] ?? 0) - centre) / spread / drawn.length;
      controller.addGradient(genotype, () => advantage, options.entropyWeight / drawn.length);
      consider(genotype);
    });
    adam.step(controller.parameters, controller.gradient);
    controller.gradient.fill(0);
    sampler = createSampler(controller, decisions);
  };

  const begin = (): void => {
    const accuracies = told.map(({ accuracy }) => accuracy);
    front = createFront({
      accuracy: quantile(accuracies, 0.25),
      latencyMs: Math.max(...told.map(({ latencyMs }) => latencyMs)),
    });
    for (const point of told) front.add(point);
  };

  const next = (): Genotype | undefined => {
    const seed = seeds.shift();
    if (seed !== undefined) return seed;
    if (asked < options.initial || told.length < 3) return sampleGenotype(decisions, rng);
    if (front === undefined) begin();
    trainController();
    for (const candidate of pool) candidate.mean = model.mean(candidate.point);
    goalCredit += options.frontShare;
    const gain = goalCredit >= 1 ? frontGain : rewardGain;
    if (goalCredit >= 1) goalCredit--;
    const known = pool.length;
    for (let i = 0; i < options.expansions; i++) {
      let top: Candidate | undefined;
      let topGain = Number.NEGATIVE_INFINITY;
      for (const candidate of pool) {
        if (candidate.isExpanded) continue;
        const g = gain(candidate);
        if (g > topGain) {
          top = candidate;
          topGain = g;
        }
      }
      if (top === undefined) break;
      top.isExpanded = true;
      considerNeighbours(top.genotype);
    }
    for (const candidate of pool.slice(known)) candidate.mean = model.mean(candidate.point);
    const chosen = best(gain);
    if (chosen === undefined) return undefined;
    if (pool.length > options.pool) {
      const byReward = [...pool].sort((a, b) => rewardGain(b) - rewardGain(a)).slice(0, options.pool / 2);
      const byFront = [...pool].sort((a, b) => frontGain(b) - frontGain(a)).slice(0, options.pool / 4);
      const dropped = new Set(pool);
      for (const kept of [...byReward, ...byFront]) dropped.delete(kept);
      for (const { key } of dropped) seen.delete(key);
      pool = [...new Set([...byReward, ...byFront])];
    }
    pool = pool.filter((candidate) => candidate !== chosen);
    return chosen.genotype;
  };

  return {
    ask(count) {
      const found: Genotype[] = [];
      while (found.length < count) {
        const [genotype] = proposals.fill(1, next);
        if (genotype === undefined) break;
        found.push(genotype);
        asked++;
        const key = genotype.join();
        seen.add(key);
        observed.set(key, model.propose(candidateOf(genotype, key).point));
        time++;
      }
      return found;
    },
    tell(outcomes): Diagnostics {
      for (const { genotype, accuracy, latencyMs, reward: value } of outcomes) {
        const key = genotype.join();
        const index = observed.get(key);
        if (index !== undefined) model.tell(index, accuracy);
        if (accuracy === undefined) continue;
        const gain = front?.gain(accuracy, latencyMs) ?? 0;
        told.push({ accuracy, latencyMs });
        front?.add({ accuracy, latencyMs });
        if (value !== undefined && value > bestReward) bestReward = value;
        if (gain > 0 || value === bestReward) considerNeighbours(genotype);
      }
      return {};
    },
  };
}
