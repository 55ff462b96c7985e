/**
 * One LSTM cell (Hochreiter and Schmidhuber 1997, with forget gates) with n hidden units and n inputs.
 *
 *     i, f, o = σ(W·[x; h] + b)      g = tanh(W·[x; h] + b)
 *     c' = f·c + i·g                 h' = o·tanh(c')
 *
 * Parameters lie flat: for each of the 4n gate rows (i, f, g, o) 2n weights, then 4n biases.
 */
export interface LstmStep {
  readonly input: Float64Array;
  readonly hiddenBefore: Float64Array;
  readonly cellBefore: Float64Array;
  /** After their non-linearities: i, f, g, o, n each. */
  readonly gates: Float64Array;
  readonly cell: Float64Array;
  readonly hidden: Float64Array;
}

export function lstmParameterCount(hiddenUnits: number): number {
  return 4 * hiddenUnits * (2 * hiddenUnits + 1);
}

export function lstmForward(
  parameters: Float64Array,
  input: Float64Array,
  hiddenBefore: Float64Array,
  cellBefore: Float64Array,
): LstmStep {
  const n = hiddenBefore.length;
  const biases = 8 * n * n;
  const gates = new Float64Array(4 * n);
  for (let row = 0; row < 4 * n; row++) {
    let sum = parameters[biases + row]!;
    const weights = row * 2 * n;
    for (let k = 0; k < n; k++) {
      sum += parameters[weights + k]! * input[k]! + parameters[weights + n + k]! * hiddenBefore[k]!;
    }
    gates[row] = row >= 2 * n && row < 3 * n ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum));
  }
  const cell = new Float64Array(n);
  const hidden = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    cell[k] = gates[n + k]! * cellBefore[k]! + gates[k]! * gates[2 * n + k]!;
    hidden[k] = gates[3 * n + k]! * Math.tanh(cell[k]!);
  }
  return { input, hiddenBefore, cellBefore, gates, cell, hidden };
}

/**
 * The gradients of one step by the chain rule. Adds those of the parameters to `gradient`, laid out like them;
 * returns those of the step's input, hidden state and cell state.
 */
export function lstmBackward(
  parameters: Float64Array,
  gradient: Float64Array,
  step: LstmStep,
  hiddenGradient: Float64Array,
  cellGradient: Float64Array,
): { readonly input: Float64Array; readonly hidden: Float64Array; readonly cell: Float64Array } {
  const { gates, cell, cellBefore, input, hiddenBefore } = step;
  const n = hiddenBefore.length;
  const biases = 8 * n * n;
  const sums = new Float64Array(4 * n);
  const cellBeforeGradient = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const [i, f, g, o] = [gates[k]!, gates[n + k]!, gates[2 * n + k]!, gates[3 * n + k]!];
    const squashed = Math.tanh(cell[k]!);
    const dCell = cellGradient[k]! + hiddenGradient[k]! * o * (1 - squashed * squashed);
    sums[k] = dCell * g * i * (1 - i);
    sums[n + k] = dCell * cellBefore[k]! * f * (1 - f);
    sums[2 * n + k] = dCell * i * (1 - g * g);
    sums[3 * n + k] = hiddenGradient[k]! * squashed * o * (1 - o);
    cellBeforeGradient[k] = dCell * f;
  }
  const inputGradient = new Float64Array(n);
  const hiddenBeforeGradient = new Float64Array(n);
  for (let row = 0; row < 4 * n; row++) {
    const d = sums[row]!;
    gradient[biases + row]! += d;
    const weights = row * 2 * n;
    for (let k = 0; k < n; k++) {
      gradient[weights + k]! += d * input[k]!;
      gradient[weights + n + k]! += d * hiddenBefore[k]!;
      inputGradient[k]! += d * parameters[weights + k]!;
      hiddenBeforeGradient[k]! += d * parameters[weights + n + k]!;
    }
  }
  return { input: inputGradient, hidden: hiddenBeforeGradient, cell: cellBeforeGradient };
}
