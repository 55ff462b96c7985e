import { expect } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import type { Program } from '../../../src/devices/program.ts';
import type { Shape } from '../../../src/graph/op.ts';
import { expectedOutputs } from './parameters.ts';
import type { Session } from './runner-under-test.ts';

/** Numbers from −3 to 3: beyond the knees of most activations. */
function numbers(shape: Shape, seed: string): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, () => 6 * rng.uniform() - 3);
}

/** Largest difference from the definitions, and the largest value by them. */
export async function compare(
  runner: Session,
  program: Program,
  dtype = 'float32',
): Promise<{ difference: number; magnitude: number }> {
  const inputs = program.nodes
    .filter(({ op }) => op.kind === 'input')
    .map(({ shape, name }) => numbers(shape, name));
  const found = await runner.compute(program, inputs, dtype);
  const [low, high] = dtype === 'int8' ? [-6.4, 6.35] : [-Infinity, Infinity];
  const expected = expectedOutputs(program, inputs).map((values) =>
    values.map((value) => Math.min(high, Math.max(low, value))),
  );
  expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const pairs = expected.flatMap((values, output) =>
    values.map((value, i) => [value, found[output]?.[i] ?? Number.NaN] as const),
  );
  return {
    difference: pairs.reduce((most, [a, b]) => Math.max(most, Number.isNaN(b) ? 1e9 : Math.abs(a - b)), 0),
    magnitude: pairs.reduce((most, [a]) => Math.max(most, Math.abs(a)), 0),
  };
}

export async function expectAgreement(runner: Session, program: Program): Promise<void> {
  const { difference, magnitude } = await compare(runner, program);
  expect(difference).toBeLessThan(1e-4 * Math.max(1, magnitude));
}
