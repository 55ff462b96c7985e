import { GrowingCholesky } from './cholesky.ts';

export interface EffectsVariable {
  readonly options: number;
  /** Options stand in an order, and close ones have like effects. */
  readonly ordinal: boolean;
  /** Variables of one role have options that mean the same. */
  readonly role: number;
}

export interface EffectsPoint {
  /** Made by `encode`. */
  readonly options: Int32Array;
  readonly covariates: Float64Array;
}

/** Prior variances of the parts of a function over typical points, and of the noise of an observation. */
export interface EffectsScales {
  /** Effects of an option wherever variables of its role take it. */
  readonly role: number;
  /** Effects of an option at its variable. */
  readonly main: number;
  /** Effects of two options together. */
  readonly pair: number;
  readonly covariate: number;
  readonly noise: number;
}

/** How alike the effects of neighbouring options of an ordinal variable are. */
const ORDINAL_CORRELATION = 0.5;
/** Prior variance of the constant. */
const CONSTANT = 1;
/** In the place of an option: the variable has none. */
const NONE = -1;

/**
 * Bayesian regression of a function that is a sum of effects, as in the analysis of variance: of single options, of two
 * options together, and of covariates. Worked out as a Gaussian process (Rasmussen and Williams 2006, algorithm 2.1),
 * so that a new point costs O(n²) however many effects there are; the mean is then written out effect by effect, so that a
 * prediction costs the same after any number of points.
 */
export class EffectsRegression {
  readonly #variables: number;
  readonly #covariates: number;
  readonly #capacity: number;
  #scales: EffectsScales;

  /** Where a variable's options begin among the options of all. */
  readonly #first: Int32Array;
  readonly #optionCount: number;
  readonly #ordinals: readonly { readonly first: number; readonly options: number }[];
  /** Of two options of one variable, by options of all. */
  readonly #similarity: Float64Array;
  /** The role option of each option, and the weight with which it counts: 1/√variables of the role. */
  readonly #roleOption: Int32Array;
  readonly #roleWeight: Float64Array;
  readonly #roleOptionCount: number;

  /** The points, a row each. */
  readonly #options: Int32Array;
  readonly #covariateRows: Float64Array;
  readonly #roleRows: Float64Array;
  #size = 0;
  readonly #cholesky: GrowingCholesky;
  readonly #row: Float64Array;
  readonly #scratch: Float64Array;
  readonly #roleCounts: Float64Array;

  /** The mean: a constant, an effect an option and a pair of options, a weight a covariate. */
  #constant = 0;
  readonly #mainEffects: Float64Array;
  readonly #pairEffects: Float64Array;
  readonly #weights: Float64Array;

  constructor(
    variables: readonly EffectsVariable[],
    covariates: number,
    capacity: number,
    scales: EffectsScales,
  ) {
    this.#variables = variables.length;
    this.#covariates = covariates;
    this.#capacity = capacity;
    this.#scales = scales;
    this.#first = new Int32Array(variables.length);
    let total = 0;
    for (const [i, { options }] of variables.entries()) {
      this.#first[i] = total;
      total += options;
    }
    this.#optionCount = total;
    this.#ordinals = variables.flatMap(({ options, ordinal }, i) =>
      ordinal ? [{ first: this.#first[i]!, options }] : [],
    );
    this.#similarity = new Float64Array(total * total);
    this.#roleOption = new Int32Array(total);
    this.#roleWeight = new Float64Array(total);
    const roleFirst = new Map<number, number>();
    let roleOptions = 0;
    for (const [i, { options, ordinal, role }] of variables.entries()) {
      const alike = variables.filter((other) => other.role === role);
      if (!roleFirst.has(role)) {
        roleFirst.set(role, roleOptions);
        roleOptions += Math.max(...alike.map((other) => other.options));
      }
      for (let a = 0; a < options; a++) {
        const option = this.#first[i]! + a;
        this.#roleOption[option] = roleFirst.get(role)! + a;
        this.#roleWeight[option] = 1 / Math.sqrt(alike.length);
        for (let b = 0; b < options; b++) {
          this.#similarity[option * total + this.#first[i]! + b] =
            a === b ? 1 : ordinal ? ORDINAL_CORRELATION ** Math.abs(a - b) : 0;
        }
      }
    }
    this.#roleOptionCount = roleOptions;
    this.#options = new Int32Array(capacity * variables.length);
    this.#covariateRows = new Float64Array(capacity * covariates);
    this.#roleRows = new Float64Array(capacity * roleOptions);
    this.#cholesky = new GrowingCholesky(capacity);
    this.#row = new Float64Array(capacity);
    this.#scratch = new Float64Array(capacity);
    this.#roleCounts = new Float64Array(roleOptions);
    this.#mainEffects = new Float64Array(total);
    this.#pairEffects = new Float64Array(total * total);
    this.#weights = new Float64Array(covariates);
  }

  get size(): number {
    return this.#size;
  }

  /** Options as a point has them, from the option of each variable; a negative one is none. */
  encode(choices: readonly number[]): Int32Array {
    return Int32Array.from(choices, (choice, i) => (choice < 0 ? NONE : this.#first[i]! + choice));
  }

  /** Forgets all points. */
  clear(): void {
    this.#size = 0;
    this.#cholesky.clear();
  }

  /** Adds a point that is observed, or will be. */
  add(point: EffectsPoint): void {
    if (this.#size >= this.#capacity) throw new RangeError('more points than there is room for');
    const self = this.#kernelRow(point);
    this.#cholesky.append(this.#row, self + this.#scales.noise);
    this.#options.set(point.options, this.#size * this.#variables);
    this.#covariateRows.set(point.covariates, this.#size * this.#covariates);
    this.#roleRows.set(this.#roleCounts, this.#size * this.#roleOptionCount);
    this.#size++;
  }

  /** Takes other prior variances for the points there are and those to come. */
  rescale(scales: EffectsScales): void {
    const size = this.#size;
    this.clear();
    this.#scales = scales;
    for (let n = 0; n < size; n++) {
      this.add({
        options: this.#options.slice(n * this.#variables, (n + 1) * this.#variables),
        covariates: this.#covariateRows.slice(n * this.#covariates, (n + 1) * this.#covariates),
      });
    }
  }

  /** ln p(values), given the points and the prior variances. `values` has one for each point, in their order. */
  logLikelihood(values: Float64Array): number {
    const squares = this.#cholesky.quadraticForm(values, this.#scratch);
    return -0.5 * (squares + this.#cholesky.logDeterminant() + this.#size * Math.log(2 * Math.PI));
  }

  /** Works out the mean from the values of the points, in their order. */
  fit(values: Float64Array): void {
    const alpha = this.#scratch;
    this.#cholesky.solve(values, alpha);
    const { role, main, pair, covariate } = this.#scales;
    const count = this.#variables;
    const divisor = Math.max(count, 1);
    const total = this.#optionCount;
    const [ofOptions, ofPairs, weights] = [this.#mainEffects, this.#pairEffects, this.#weights];
    ofOptions.fill(0);
    ofPairs.fill(0);
    weights.fill(0);
    const roles = this.#roleCounts.fill(0);
    this.#constant = 0;
    for (let n = 0; n < this.#size; n++) {
      const a = alpha[n]!;
      this.#constant += CONSTANT * a;
      const begin = n * count;
      for (let i = begin; i < begin + count; i++) {
        const option = this.#options[i]!;
        if (option < 0) continue;
        ofOptions[option]! += a;
        const row = option * total;
        for (let j = i + 1; j < begin + count; j++) {
          const other = this.#options[j]!;
          if (other >= 0) ofPairs[row + other]! += a;
        }
      }
      for (let k = 0; k < this.#covariates; k++)
        weights[k]! += a * this.#covariateRows[n * this.#covariates + k]!;
      for (let k = 0; k < roles.length; k++) roles[k]! += a * this.#roleRows[n * roles.length + k]!;
    }
    if (this.#ordinals.length > 0) this.#spreadToSimilar();
    const roleScale = role / divisor;
    for (let k = 0; k < total; k++) {
      ofOptions[k] =
        (main / divisor) * ofOptions[k]! + roleScale * this.#roleWeight[k]! * roles[this.#roleOption[k]!]!;
    }
    const pairScale = (2 * pair) / Math.max(count * (count - 1), 1);
    for (let k = 0; k < ofPairs.length; k++) ofPairs[k]! *= pairScale;
    for (let k = 0; k < weights.length; k++) weights[k]! *= covariate / this.#covariates;
  }

  /** The mean of the function at a point, by the latest `fit`. */
  mean({ options, covariates }: EffectsPoint): number {
    let sum = this.#constant;
    for (let i = 0; i < options.length; i++) {
      const option = options[i]!;
      if (option < 0) continue;
      sum += this.#mainEffects[option]!;
      const row = option * this.#optionCount;
      for (let j = i + 1; j < options.length; j++) {
        if (options[j]! >= 0) sum += this.#pairEffects[row + options[j]!]!;
      }
    }
    for (let k = 0; k < covariates.length; k++) sum += this.#weights[k]! * covariates[k]!;
    return sum;
  }

  /** The variance of the function, without noise, at a point. It falls with every point added. */
  variance(point: EffectsPoint): number {
    const self = this.#kernelRow(point);
    return Math.max(self - this.#cholesky.quadraticForm(this.#row, this.#scratch), 0);
  }

  /** Prior covariances with the points, into `#row`, and the role counts, into `#roleCounts`; returns the prior variance. */
  #kernelRow({ options, covariates }: EffectsPoint): number {
    const { role, main, pair, covariate } = this.#scales;
    const count = this.#variables;
    const roles = this.#roleCounts.fill(0);
    let active = 0;
    for (let i = 0; i < count; i++) {
      const option = options[i]!;
      if (option < 0) continue;
      active++;
      roles[this.#roleOption[option]!]! += this.#roleWeight[option]!;
    }
    const mainScale = main / Math.max(count, 1);
    const pairScale = pair / Math.max(count * (count - 1), 1);
    const covariateScale = covariate / Math.max(this.#covariates, 1);
    const roleScale = role / Math.max(count, 1);
    const hasOrdinals = this.#ordinals.length > 0;
    for (let n = 0; n < this.#size; n++) {
      const begin = n * count;
      let alike = 0;
      let squares = 0;
      for (let i = 0; i < count; i++) {
        const a = options[i]!;
        const b = this.#options[begin + i]!;
        if (a === b) {
          if (a >= 0) {
            alike++;
            squares++;
          }
        } else if (hasOrdinals && a >= 0 && b >= 0) {
          const s = this.#similarity[a * this.#optionCount + b]!;
          alike += s;
          squares += s * s;
        }
      }
      let sum = CONSTANT + mainScale * alike + pairScale * (alike * alike - squares);
      for (let k = 0, at = n * this.#covariates; k < this.#covariates; k++)
        sum += covariateScale * covariates[k]! * this.#covariateRows[at + k]!;
      for (let k = 0, at = n * roles.length; k < roles.length; k++)
        sum += roleScale * roles[k]! * this.#roleRows[at + k]!;
      this.#row[n] = sum;
    }
    let self = CONSTANT + mainScale * active + pairScale * active * (active - 1);
    for (const z of covariates) self += covariateScale * z * z;
    for (const r of roles) self += roleScale * r * r;
    return self;
  }

  /** What the points say of an option, they say of those like it too. */
  #spreadToSimilar(): void {
    const total = this.#optionCount;
    this.#spread(this.#mainEffects, 0, 1);
    for (let k = 0; k < total; k++) this.#spread(this.#pairEffects, k * total, 1);
    for (let k = 0; k < total; k++) this.#spread(this.#pairEffects, k, total);
  }

  /** Multiplies a line of numbers, one an option, by the similarities of the ordinal variables' options. */
  #spread(values: Float64Array, begin: number, stride: number): void {
    for (const { first, options } of this.#ordinals) {
      const sums = Array.from({ length: options }, (_, a) => {
        let sum = 0;
        for (let b = 0; b < options; b++) {
          sum +=
            this.#similarity[(first + a) * this.#optionCount + first + b]! *
            values[begin + (first + b) * stride]!;
        }
        return sum;
      });
      for (let a = 0; a < options; a++) values[begin + (first + a) * stride] = sums[a]!;
    }
  }
}
