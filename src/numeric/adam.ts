export interface AdamOptions {
  readonly learningRate: number;
  /** Decay of the first and of the second moment. */
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Adam (arXiv:1412.6980, algorithm 1) over one flat vector of parameters, which `step` changes in place. */
export function createAdam(
  size: number,
  options: AdamOptions,
): { step(parameters: Float64Array, gradient: Float64Array): void } {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  let steps = 0;
  return {
    step(parameters, gradient) {
      steps++;
      const [firstBias, secondBias] = [1 - beta1 ** steps, 1 - beta2 ** steps];
      for (let i = 0; i < size; i++) {
        const g = gradient[i]!;
        first[i] = beta1 * first[i]! + (1 - beta1) * g;
        second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
        parameters[i]! -=
          (learningRate * first[i]!) / firstBias / (Math.sqrt(second[i]! / secondBias) + epsilon);
      }
    },
  };
}
