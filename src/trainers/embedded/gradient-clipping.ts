/**
 * Scales gradients, held in any number of arrays, so that their joint Euclidean norm is at most `limit`
 * (Pascanu, Mikolov and Bengio 2013, section 3.2): one wild batch moves the weights no further than a tame one.
 * Returns the norm before. Gradients that are not finite are left as they are: the loss will tell.
 */
export function clipGradients(gradients: readonly Float32Array[], limit: number): number {
  let squares = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) squares += gradient[i]! * gradient[i]!;
  }
  const norm = Math.sqrt(squares);
  if (norm > limit && Number.isFinite(norm)) {
    const factor = limit / norm;
    for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i]! *= factor;
  }
  return norm;
}
