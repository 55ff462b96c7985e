/**
 * One LSTM cell (Hochreiter and Schmidhuber 1997, with forget gates) with n hidden units.
 *
 *     i, f, o = σ(x + W·h)      g = tanh(x + W·h)
 *     c' = f·c + i·g            h' = o·tanh(c')
 *
 * Its input x comes as what it adds to the 4n gates (i, f, g, o), biases included: for one-hot inputs that is a row of a
 * table and no product. W has n weights for each of the 4n gates.
 */
export interface LstmState {
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
}

/** A step's outcome and what its way back needs; made once and used again and again. */
export interface LstmStep extends LstmState {
  /** After their non-linearities: i, f, g, o, n each. */
  readonly gates: Float64Array;
  /** tanh(c') */
  readonly squashed: Float64Array;
}

export function createLstmStep(hiddenUnits: number): LstmStep {
  return {
    hidden: new Float64Array(hiddenUnits),
    cell: new Float64Array(hiddenUnits),
    gates: new Float64Array(4 * hiddenUnits),
    squashed: new Float64Array(hiddenUnits),
  };
}

/** Writes the step that leads on from a state. */
export function lstmForward(
  weights: Float64Array,
  input: Float64Array,
  before: LstmState,
  step: LstmStep,
): void {
  const { hidden, cell, gates, squashed } = step;
  const n = hidden.length;
  const hiddenBefore = before.hidden;
  for (let row = 0, at = 0; row < 4 * n; row++) {
    let sum = input[row]!;
    for (let k = 0; k < n; k++) sum += weights[at++]! * hiddenBefore[k]!;
    // tanh(s) = 2·σ(2s) − 1: one exponential for either.
    gates[row] = row >= 2 * n && row < 3 * n ? 2 / (1 + Math.exp(-2 * sum)) - 1 : 1 / (1 + Math.exp(-sum));
  }
  for (let k = 0; k < n; k++) {
    const c = gates[n + k]! * before.cell[k]! + gates[k]! * gates[2 * n + k]!;
    const t = 2 / (1 + Math.exp(-2 * c)) - 1;
    cell[k] = c;
    squashed[k] = t;
    hidden[k] = gates[3 * n + k]! * t;
  }
}

/** What a step's way back works with. */
export interface LstmGradients {
  readonly weights: Float64Array;
  /** Of the state after a step before the call, of the state before it afterwards. */
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
  /** Room for 4n numbers. */
  readonly gates: Float64Array;
}

/** The gradients of one step by the chain rule: adds those of the weights and of the input, carries the state's back. */
export function lstmBackward(
  weights: Float64Array,
  before: LstmState,
  step: LstmStep,
  gradients: LstmGradients,
  inputGradient: Float64Array,
): void {
  const { gates, squashed } = step;
  const n = squashed.length;
  const { hidden: dHidden, cell: dCell, gates: dGates, weights: dWeights } = gradients;
  const hiddenBefore = before.hidden;
  for (let k = 0; k < n; k++) {
    const [i, f, g, o] = [gates[k]!, gates[n + k]!, gates[2 * n + k]!, gates[3 * n + k]!];
    const t = squashed[k]!;
    const dh = dHidden[k]!;
    const dc = dCell[k]! + dh * o * (1 - t * t);
    dGates[k] = dc * g * i * (1 - i);
    dGates[n + k] = dc * before.cell[k]! * f * (1 - f);
    dGates[2 * n + k] = dc * i * (1 - g * g);
    dGates[3 * n + k] = dh * t * o * (1 - o);
    dCell[k] = dc * f;
    dHidden[k] = 0;
  }
  for (let row = 0, at = 0; row < 4 * n; row++) {
    const d = dGates[row]!;
    inputGradient[row]! += d;
    for (let k = 0; k < n; k++, at++) {
      dWeights[at]! += d * hiddenBefore[k]!;
      dHidden[k]! += d * weights[at]!;
    }
  }
}
