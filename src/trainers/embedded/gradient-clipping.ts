/**
 * Scales gradients, held in any number of arrays, so that their joint Euclidean norm is at most `limit`
 * (Pascanu, Mikolov and Bengio 2013, section 3.2): one wild batch moves the weights no further than a tame one.
 * Returns the norm before. Gradients that have left float32 tell no direction and become 0. Finite weights can give
 * such: a layer that gives the same for all images leaves batch-norms without variance, and each of these multiplies
 * the gradient by up to 1 / sqrt(epsilon) = 32, which 26 of them in a row carry beyond 1e38.
 */
export function clipGradients(gradients: readonly Float32Array[], limit: number): number {
  let squares = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) squares += gradient[i]! * gradient[i]!;
  }
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) {
    for (const gradient of gradients) gradient.fill(0);
  } else if (norm > limit) {
    const factor = limit / norm;
    for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i]! *= factor;
  }
  return norm;
}
