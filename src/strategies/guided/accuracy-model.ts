import { quantileSorted } from 'simple-statistics';
import {
  type EffectsPoint,
  EffectsRegression,
  type EffectsScales,
} from '../../numeric/effects-regression.ts';
import type { Features } from './features.ts';

/** A network that was proposed. */
export interface Observation {
  readonly point: EffectsPoint;
  /** Log-odds of the accuracy; `undefined` while it is trained. */
  value: number | undefined;
}

const FIRST_SCALES: EffectsScales = { role: 0.3, main: 0.5, pair: 0.3, covariate: 0.5, noise: 0.05 };
/** Prior variances are found by at most this many points. */
const FEW = 150;
/** After the points have grown by this factor, prior variances are looked for again. */
const GROWTH = 1.5;
/** Accuracies further below the middle than this many spreads are all the same to the model: bad. */
const WORST = -3;

/**
 * Predicts accuracies from choices and costs. Works on log-odds, where effects add up better than on accuracies. What was
 * proposed and is not told of yet counts as what was predicted, so that its neighbours are not proposed for the same
 * reason.
 */
export class AccuracyModel {
  readonly #regression: EffectsRegression;
  readonly #trial: EffectsRegression;
  readonly #capacity: number;
  #observations: readonly Observation[] = [];
  readonly #values: Float64Array;
  #scales = FIRST_SCALES;
  #scaledAt = 0;
  #isFitted = false;
  #centre = 0;
  #spread = 1;
  #told = 0;
  #worst = 0;

  /** With room for so many networks; beyond, half of the older ones are forgotten. */
  constructor(features: Features, capacity: number) {
    this.#capacity = capacity;
    const { variables, covariates } = features;
    this.#regression = new EffectsRegression(variables, covariates, capacity, FIRST_SCALES);
    this.#trial = new EffectsRegression(variables, covariates, FEW, FIRST_SCALES);
    this.#values = new Float64Array(capacity);
  }

  encode(choices: readonly number[]): Int32Array {
    return this.#regression.encode(choices);
  }

  /** A network that is trained now. */
  propose(point: EffectsPoint): Observation {
    if (this.#observations.length === this.#capacity) this.#forget();
    const observation = { point, value: undefined };
    this.#observations = [...this.#observations, observation];
    this.#regression.add(point);
    this.#isFitted = false;
    return observation;
  }

  /** A network that failed counts as the least accurate one so far. */
  tell(observation: Observation, accuracy: number | undefined): void {
    const value = accuracy === undefined ? this.#worst : logOdds(accuracy);
    observation.value = value;
    this.#worst = Math.min(this.#worst, value);
    this.#told++;
    this.#isFitted = false;
  }

  #forget(): void {
    const recent = this.#capacity / 2;
    this.#observations = this.#observations.filter(
      ({ value }, i) => value === undefined || i >= recent || i % 2 === 0,
    );
    // All of them still in training: far more at once than the model was made for.
    this.#observations = this.#observations.slice(1 - this.#capacity);
    this.#regression.clear();
    for (const { point } of this.#observations) this.#regression.add(point);
  }

  mean(point: EffectsPoint): number {
    this.#fit();
    return this.#regression.mean(point);
  }

  /** Of an accuracy that is observed: of the function and the noise about it. */
  deviation(point: EffectsPoint): number {
    return Math.sqrt(this.#regression.variance(point) + this.#scales.noise);
  }

  accuracyOf(value: number): number {
    return 1 / (1 + Math.exp(-(this.#centre + this.#spread * value)));
  }

  #fit(): void {
    if (this.#isFitted) return;
    this.#isFitted = true;
    if (this.#told >= GROWTH * this.#scaledAt) {
      this.#standardize();
      this.#findScales();
    }
    this.#observations.forEach(({ value }, i) => {
      this.#values[i] = value === undefined ? 0 : this.#standardized(value);
    });
    this.#regression.fit(this.#values);
    if (this.#observations.every(({ value }) => value !== undefined)) return;
    const predicted = this.#observations.map(({ point, value }) =>
      value === undefined ? this.#regression.mean(point) : undefined,
    );
    predicted.forEach((mean, i) => {
      if (mean !== undefined) this.#values[i] = mean;
    });
    this.#regression.fit(this.#values);
  }

  #standardize(): void {
    const sorted = this.#observations.flatMap(({ value }) => value ?? []).sort((a, b) => a - b);
    if (sorted.length === 0) return;
    this.#centre = quantileSorted(sorted, 0.5);
    this.#spread = (quantileSorted(sorted, 0.75) - quantileSorted(sorted, 0.25)) / 1.35 || 1;
  }

  #standardized(value: number): number {
    return Math.max((value - this.#centre) / this.#spread, WORST);
  }

  /** The prior variances that make what was observed likeliest, one after the other. */
  #findScales(): void {
    this.#scaledAt = this.#told;
    const told = this.#observations.filter(({ value }) => value !== undefined).slice(-FEW);
    const values = Float64Array.from(told, ({ value }) => this.#standardized(value ?? 0));
    this.#trial.clear();
    for (const { point } of told) this.#trial.add(point);
    const likelihoodOf = (scales: EffectsScales): number => {
      this.#trial.rescale(scales);
      return this.#trial.logLikelihood(values);
    };
    let best = { scales: this.#scales, likelihood: likelihoodOf(this.#scales) };
    for (const name of ['noise', 'main', 'role', 'pair', 'covariate'] as const) {
      for (const factor of [3, 1 / 3]) {
        const scales = { ...best.scales, [name]: Math.min(Math.max(best.scales[name] * factor, 0.003), 10) };
        const likelihood = likelihoodOf(scales);
        if (likelihood > best.likelihood) best = { scales, likelihood };
      }
    }
    this.#scales = best.scales;
    this.#regression.rescale(best.scales);
  }
}

/** Accuracies of 0 and 1 have none; these are close to them. */
function logOdds(accuracy: number): number {
  const inside = Math.min(Math.max(accuracy, 1e-3), 1 - 1e-3);
  return Math.log(inside / (1 - inside));
}
