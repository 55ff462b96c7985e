import { createRng } from '../../../src/base/rng.ts';
import type { Program } from '../../../src/devices/program.ts';
import { loadLiteRt } from '../../../src/devices/runtimes/litert/load-litert.ts';
import type { TfliteModel } from '../../../src/devices/runtimes/litert/tflite/model.ts';
import { networkModel } from '../../../src/devices/runtimes/litert/tflite/network-model.ts';
import { createRandomParameters } from '../../../src/devices/runtimes/litert/tflite/random-parameters.ts';
import { serializeTflite } from '../../../src/devices/runtimes/litert/tflite/serialize.ts';
import { runReference } from './reference.ts';

export const parameters = createRandomParameters(createRng('numerics'));
const liteRt = await loadLiteRt();

/** Numbers from −3 to 3: beyond the knees of every activation. */
export function numbers(shape: readonly number[], seed: string): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from(
    { length: shape.reduce((product, size) => product * size, 1) },
    () => 6 * rng.uniform() - 3,
  );
}

/** What LiteRT makes of some inputs. */
export async function run(
  model: TfliteModel,
  inputs: readonly Float32Array[],
): Promise<readonly (readonly number[])[]> {
  const compiled = await liteRt.loadAndCompile(serializeTflite(model), { accelerator: 'wasm' });
  const shapes = compiled.getInputDetails().map(({ shape }) => shape);
  const tensors = inputs.map((values, i) => new liteRt.Tensor(values, shapes[i]!));
  const outputs = await compiled.run(tensors);
  const values = outputs.map((output) => [...output.toTypedArray()]);
  for (const tensor of [...tensors, ...outputs]) tensor.delete();
  compiled.delete();
  return values;
}

/** Largest difference between LiteRT and the definitions, over all outputs, and the largest value among these. */
export async function compare(
  program: Program,
): Promise<{ readonly difference: number; readonly magnitude: number }> {
  const inputs = program.nodes
    .filter(({ op }) => op.kind === 'input')
    .map(({ shape, name }) => numbers(shape, name));
  const expected = runReference(program, parameters, inputs).flatMap((values) => [...values]);
  const found = (await run(networkModel(program, parameters), inputs)).flat();
  if (found.length !== expected.length) throw new RangeError(`${found.length} numbers of ${expected.length}`);
  return {
    difference: Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN)))),
    magnitude: Math.max(...expected.map(Math.abs)),
  };
}
