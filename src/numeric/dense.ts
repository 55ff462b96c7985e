/**
 * A fully connected layer y = W·x + b with m outputs and n inputs.
 * Parameters lie flat: for each output n weights, then its bias. Views, so that layers can share one vector.
 */
export function denseForward(parameters: Float64Array, input: Float64Array, output: Float64Array): void {
  const n = input.length;
  for (let row = 0, at = 0; row < output.length; row++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += parameters[at++]! * input[k]!;
    output[row] = sum + parameters[at++]!;
  }
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
  for (let row = 0, at = 0; row < outputGradient.length; row++) {
    const d = outputGradient[row]!;
    for (let k = 0; k < n; k++, at++) {
      gradient[at]! += d * input[k]!;
      inputGradient[k]! += d * parameters[at]!;
    }
    gradient[at++]! += d;
  }
}
