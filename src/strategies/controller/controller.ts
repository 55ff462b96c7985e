import type { Rng } from '../../base/rng.ts';
import { policyGradient, softmax } from '../../numeric/categorical.ts';
import { denseBackward, denseForward } from '../../numeric/dense.ts';
import {
  createLstmStep,
  type LstmState,
  type LstmStep,
  lstmBackward,
  lstmForward,
} from '../../numeric/lstm.ts';
import type { Decision } from '../../space/decision.ts';
import { type Genotype, INACTIVE } from '../../space/genotype.ts';

/**
 * A policy over genotypes: a one-layer LSTM makes one decision after another, each with the choice before it as input
 * (NASNet, arXiv:1707.07012, appendix; MnasNet, section 4.3). Inactive decisions take no step, so they are in no
 * probability. One flat vector holds all parameters: the recurrent weights; for each option and for the start what they
 * add to the gates; and for each decision a weight row and a bias for each option. Uniform in (−0.1, 0.1) at first.
 */
export class Controller {
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  readonly hiddenUnits: number;
  readonly #views: Views;
  readonly #gradients: Views;
  /** Where a decision's options begin among the tokens; token 0 is the start. */
  readonly #firstToken: readonly number[];
  readonly #start: LstmState;
  /** One for each decision of a genotype, used again for the next genotype. */
  readonly #steps: readonly Step[];
  readonly #back: Back;

  constructor(decisions: readonly Decision[], hiddenUnits: number, rng: Rng) {
    this.hiddenUnits = hiddenUnits;
    let tokens = 1;
    this.#firstToken = decisions.map(({ options }) => {
      const first = tokens;
      tokens += options.length;
      return first;
    });
    const counts = decisions.map(({ options }) => options.length);
    const size = 4 * hiddenUnits * (hiddenUnits + tokens) + (tokens - 1) * (hiddenUnits + 1);
    this.parameters = new Float64Array(size);
    for (let i = 0; i < size; i++) this.parameters[i] = 0.2 * rng.uniform() - 0.1;
    this.gradient = new Float64Array(size);
    this.#views = viewsOf(this.parameters, hiddenUnits, tokens, counts);
    this.#gradients = viewsOf(this.gradient, hiddenUnits, tokens, counts);
    this.#start = createLstmStep(hiddenUnits);
    this.#steps = decisions.map(() => ({
      lstm: createLstmStep(hiddenUnits),
      token: 0,
      decision: 0,
      choice: 0,
    }));
    this.#back = {
      weights: this.#gradients.recurrent,
      hidden: new Float64Array(hiddenUnits),
      cell: new Float64Array(hiddenUnits),
      gates: new Float64Array(4 * hiddenUnits),
      probabilities: counts.map((count) => new Float64Array(count)),
      logits: counts.map((count) => new Float64Array(count)),
    };
  }

  /** The state in which a decision is made, after the choice of the decision before it; the first has none. */
  advance(before: LstmState | undefined, previous: PreviousChoice | undefined, step: LstmStep): void {
    lstmForward(this.#views.recurrent, this.#tokenOf(previous), before ?? this.#start, step);
  }

  /** What a state makes of a decision: the probability of each option, written to `probabilities`. */
  decide(state: LstmState, decision: number, probabilities: Float64Array): void {
    denseForward(this.#views.heads[decision] ?? EMPTY, state.hidden, probabilities);
    softmax(probabilities);
  }

  /** ln π of each active decision of a genotype, in their order. */
  logProbabilities(genotype: Genotype): Float64Array {
    const length = this.#replay(genotype);
    return Float64Array.from({ length }, (_, position) => this.#logProbability(position));
  }

  /**
   * Adds to `gradient` that of Σ w·ln π + b·H over the active decisions of a genotype, w by `weigh` from a decision's
   * ln π. Returns Σ H in nats.
   */
  addGradient(
    genotype: Genotype,
    weigh: (logProbability: number, position: number) => number,
    entropyWeight: number,
  ): number {
    const { hidden, cell, probabilities, logits } = this.#back;
    hidden.fill(0);
    cell.fill(0);
    let entropy = 0;
    for (let position = this.#replay(genotype) - 1; position >= 0; position--) {
      const step = this.#steps[position];
      if (step === undefined) continue;
      const { decision, choice, lstm, token } = step;
      const weight = weigh(this.#logProbability(position), position);
      const ofLogits = logits[decision] ?? EMPTY;
      entropy += policyGradient(probabilities[decision] ?? EMPTY, choice, weight, entropyWeight, ofLogits);
      const head = this.#views.heads[decision] ?? EMPTY;
      denseBackward(head, this.#gradients.heads[decision] ?? EMPTY, lstm.hidden, ofLogits, hidden);
      const before = this.#steps[position - 1]?.lstm ?? this.#start;
      lstmBackward(this.#views.recurrent, before, lstm, this.#back, this.#gradients.tokens[token] ?? EMPTY);
    }
    return entropy;
  }

  /** Goes through a genotype's decisions and keeps what a way back needs. Returns how many are active. */
  #replay(genotype: Genotype): number {
    let length = 0;
    let before: LstmState = this.#start;
    let token = 0;
    for (let decision = 0; decision < genotype.length; decision++) {
      const choice = genotype[decision] ?? INACTIVE;
      const step = this.#steps[length];
      const probabilities = this.#back.probabilities[decision];
      if (choice === INACTIVE || step === undefined || probabilities === undefined) continue;
      step.token = token;
      step.decision = decision;
      step.choice = choice;
      lstmForward(this.#views.recurrent, this.#views.tokens[token] ?? EMPTY, before, step.lstm);
      denseForward(this.#views.heads[decision] ?? EMPTY, step.lstm.hidden, probabilities);
      softmax(probabilities);
      before = step.lstm;
      token = (this.#firstToken[decision] ?? 0) + choice;
      length++;
    }
    return length;
  }

  #logProbability(position: number): number {
    const { decision = 0, choice = 0 } = this.#steps[position] ?? {};
    return Math.log(this.#back.probabilities[decision]?.[choice] ?? 1);
  }

  #tokenOf(previous: PreviousChoice | undefined): Float64Array {
    const token = previous === undefined ? 0 : (this.#firstToken[previous.decision] ?? 0) + previous.choice;
    return this.#views.tokens[token] ?? EMPTY;
  }
}

interface PreviousChoice {
  readonly decision: number;
  readonly choice: number;
}

const EMPTY = new Float64Array(0);

interface Step {
  readonly lstm: LstmStep;
  token: number;
  decision: number;
  choice: number;
}

interface Back {
  readonly weights: Float64Array;
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
  readonly gates: Float64Array;
  /** By decision. */
  readonly probabilities: readonly Float64Array[];
  readonly logits: readonly Float64Array[];
}

/** The parts of a vector laid out like the parameters. */
interface Views {
  readonly recurrent: Float64Array;
  readonly tokens: readonly Float64Array[];
  readonly heads: readonly Float64Array[];
}

function viewsOf(
  vector: Float64Array,
  hiddenUnits: number,
  tokens: number,
  options: readonly number[],
): Views {
  let at = 0;
  const next = (length: number): Float64Array => {
    const view = vector.subarray(at, at + length);
    at += length;
    return view;
  };
  return {
    recurrent: next(4 * hiddenUnits * hiddenUnits),
    tokens: Array.from({ length: tokens }, () => next(4 * hiddenUnits)),
    heads: options.map((count) => next(count * (hiddenUnits + 1))),
  };
}
