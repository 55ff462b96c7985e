/**
 * A fully connected layer y = W·x + b with m outputs and n inputs.
 * Parameters lie flat: for each output n weights, then its bias. Views, so that layers can share one vector.
 */
export function denseForward(parameters: Float64Array, input: Float64Array): Float64Array {
  const n = input.length;
  const outputs = new Float64Array(parameters.length / (n + 1));
  for (let row = 0; row < outputs.length; row++) {
    const weights = row * (n + 1);
    let sum = parameters[weights + n]!;
    for (let k = 0; k < n; k++) sum += parameters[weights + k]! * input[k]!;
    outputs[row] = sum;
  }
  return outputs;
}

/** Adds the gradients of parameters and input, given that of the outputs, to `gradient` and `inputGradient`. */
export function denseBackward(
  parameters: Float64Array,
  gradient: Float64Array,
  input: Float64Array,
  outputGradient: Float64Array,
  inputGradient: Float64Array,
): void {
  const n = input.length;
  for (let row = 0; row < outputGradient.length; row++) {
    const weights = row * (n + 1);
    const d = outputGradient[row]!;
    for (let k = 0; k < n; k++) {
      gradient[weights + k]! += d * input[k]!;
      inputGradient[k]! += d * parameters[weights + k]!;
    }
    gradient[weights + n]! += d;
  }
}
