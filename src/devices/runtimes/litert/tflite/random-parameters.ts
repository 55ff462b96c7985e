import type { Rng } from '../../../../base/rng.ts';
import type { ParameterRole, ParameterSource } from './parameters.ts';

/**
 * Parameters of a freshly initialised network: weights by He's rule N(0, 2 / fan-in), batch-norms near identity.
 * Activations then keep their scale through any depth: no infinities and no denormal numbers, both of which
 * would change how long arithmetic takes.
 *
 * Nodes with parameters of one role and shape share one array. Their values have no part in how long a kernel
 * takes, a runtime packs a copy for every node anyway, and drawing millions of numbers takes longer than
 * measuring the kernels they are for.
 */
export function createRandomParameters(rng: Rng): ParameterSource {
  const drawn = new Map<string, Float32Array>();
  const pool = Float32Array.from({ length: POOL_SIZE }, () => Math.max(-3, Math.min(3, rng.normal())));
  return {
    batchNormEpsilon: 1e-3,
    parameter(_node, role, shape) {
      const key = `${role} ${shape.join('x')}`;
      const values = drawn.get(key) ?? draw(pool, rng, role, shape);
      drawn.set(key, values);
      return values;
    },
  };
}

/** A prime, so that it has no period in common with the sizes of channels. */
const POOL_SIZE = 65_521;

function draw(pool: Float32Array, rng: Rng, role: ParameterRole, shape: readonly number[]): Float32Array {
  const { mean, deviation } = distributionOf(role, shape);
  const scaled = pool.map((value) => mean + deviation * value);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  let filled = 0;
  while (filled < values.length) {
    const start = filled === 0 ? rng.integer(POOL_SIZE) : 0;
    const piece = scaled.subarray(start, Math.min(POOL_SIZE, start + values.length - filled));
    values.set(piece, filled);
    filled += piece.length;
  }
  return values;
}

function distributionOf(
  role: ParameterRole,
  shape: readonly number[],
): { readonly mean: number; readonly deviation: number } {
  switch (role) {
    case 'weights':
      return {
        mean: 0,
        deviation: Math.sqrt(2 / shape.slice(1).reduce((product, size) => product * size, 1)),
      };
    case 'gamma':
    case 'variance':
      return { mean: 1, deviation: 0.1 };
    case 'slope':
      return { mean: 0.25, deviation: 0.01 };
    case 'bias':
    case 'beta':
    case 'mean':
      return { mean: 0, deviation: 0.1 };
  }
}
