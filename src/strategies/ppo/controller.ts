import type { Rng } from '../../base/rng.ts';
import { pickOutcome, softmax } from '../../numeric/categorical.ts';
import { denseBackward, denseForward } from '../../numeric/dense.ts';
import { type LstmStep, lstmBackward, lstmForward, lstmParameterCount } from '../../numeric/lstm.ts';
import { type Decision, isActive } from '../../space/decision.ts';
import { type Genotype, INACTIVE } from '../../space/genotype.ts';

/** One decision as the controller made it. */
export interface ControllerStep {
  readonly decision: number;
  readonly choice: number;
  readonly probabilities: Float64Array;
  readonly lstm: LstmStep;
}

/** Called for each decision on the way back; gives the loss's gradient by the decision's logits. */
export type LogitGradient = (step: ControllerStep, position: number) => Float64Array;

/**
 * A policy over genotypes: an LSTM makes one decision after another, each from the embedding of the choice before
 * it (NASNet, arXiv:1707.07012, appendix; MnasNet, section 4.3). Inactive decisions take no step, so they are in
 * no probability. One flat vector holds all parameters: the cell, an embedding for each option and for the start,
 * and for each decision a weight row and a bias for each option; uniform in (−0.1, 0.1) at first.
 */
export class Controller {
  readonly parameters: Float64Array;
  readonly #decisions: readonly Decision[];
  readonly #hiddenUnits: number;
  /** Where a decision's options begin among all options. */
  readonly #firstOption: readonly number[];
  readonly #embeddings: number;
  readonly #heads: number;

  constructor(decisions: readonly Decision[], hiddenUnits: number, rng: Rng) {
    this.#decisions = decisions;
    this.#hiddenUnits = hiddenUnits;
    let options = 0;
    this.#firstOption = decisions.map((decision) => {
      const first = options;
      options += decision.options.length;
      return first;
    });
    this.#embeddings = lstmParameterCount(hiddenUnits);
    this.#heads = this.#embeddings + (options + 1) * hiddenUnits;
    this.parameters = new Float64Array(this.#heads + options * (hiddenUnits + 1));
    for (let i = 0; i < this.parameters.length; i++) this.parameters[i] = 0.2 * rng.uniform() - 0.1;
  }

  /** Draws a genotype from the policy. */
  sample(rng: Rng): Genotype {
    const genotype: number[] = new Array(this.#decisions.length).fill(INACTIVE);
    this.#walk(genotype, (decision, probabilities) => {
      const choice = pickOutcome(probabilities, rng.uniform());
      genotype[decision] = choice;
      return choice;
    });
    return genotype;
  }

  /** The decisions that lead to a genotype, with the probabilities the policy gives them. */
  replay(genotype: Genotype): readonly ControllerStep[] {
    return this.#walk(genotype, (decision) => genotype[decision] ?? INACTIVE);
  }

  #walk(
    genotype: Genotype,
    choose: (decision: number, probabilities: Float64Array) => number,
  ): readonly ControllerStep[] {
    const steps: ControllerStep[] = [];
    let hidden: Float64Array = new Float64Array(this.#hiddenUnits);
    let cell: Float64Array = new Float64Array(this.#hiddenUnits);
    this.#decisions.forEach((decision, index) => {
      if (!isActive(decision, genotype)) return;
      const input = this.#embeddingIn(this.parameters, steps.at(-1));
      const lstm = lstmForward(this.parameters, input, hidden, cell);
      ({ hidden, cell } = lstm);
      const probabilities = softmax(denseForward(this.#headIn(this.parameters, index), hidden));
      steps.push({ decision: index, choice: choose(index, probabilities), probabilities, lstm });
    });
    return steps;
  }

  /** Adds the parameters' gradient to `gradient`, given that of each step's logits: back through time. */
  backward(steps: readonly ControllerStep[], logitGradient: LogitGradient, gradient: Float64Array): void {
    const n = this.#hiddenUnits;
    let hiddenGradient: Float64Array = new Float64Array(n);
    let cellGradient: Float64Array = new Float64Array(n);
    for (let position = steps.length - 1; position >= 0; position--) {
      const step = steps[position];
      if (step === undefined) continue;
      denseBackward(
        this.#headIn(this.parameters, step.decision),
        this.#headIn(gradient, step.decision),
        step.lstm.hidden,
        logitGradient(step, position),
        hiddenGradient,
      );
      const before = lstmBackward(this.parameters, gradient, step.lstm, hiddenGradient, cellGradient);
      ({ hidden: hiddenGradient, cell: cellGradient } = before);
      this.#embeddingIn(gradient, steps[position - 1]).forEach((d, k, embedding) => {
        embedding[k] = d + (before.input[k] ?? 0);
      });
    }
  }

  /** The embedding of a choice, or of the start, in a vector laid out like the parameters. */
  #embeddingIn(vector: Float64Array, chosen: ControllerStep | undefined): Float64Array {
    const index = chosen === undefined ? 0 : 1 + (this.#firstOption[chosen.decision] ?? 0) + chosen.choice;
    const begin = this.#embeddings + index * this.#hiddenUnits;
    return vector.subarray(begin, begin + this.#hiddenUnits);
  }

  /** The output layer of a decision in a vector laid out like the parameters. */
  #headIn(vector: Float64Array, decision: number): Float64Array {
    const row = this.#hiddenUnits + 1;
    const begin = this.#heads + (this.#firstOption[decision] ?? 0) * row;
    return vector.subarray(begin, begin + (this.#decisions[decision]?.options.length ?? 0) * row);
  }
}
