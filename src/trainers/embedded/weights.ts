import { NasError } from '../../base/errors.ts';
import type { Safetensors, StoredTensor } from '../safetensors.ts';
import { type Parameter, readParameter, writeParameter } from './parameters.ts';
import type { Runtime } from './runtime.ts';

/** What is kept of a parameter besides its value, as the last part of a tensor's name. */
const STATE = ['velocity', 'square', 'average'] as const;
type State = (typeof STATE)[number];

/** Of them, the optimiser's. */
const MOMENTS = ['velocity', 'square'] as const satisfies readonly State[];

/** `<node index>.<role>`, and `.velocity`, `.square` or `.average` after it for what belongs to the parameter. */
function nameOf({ node, role }: Parameter, state?: State): string {
  return state === undefined ? `${node}.${role}` : `${node}.${role}.${state}`;
}

/** The values of all parameters. */
export function exportWeights(runtime: Runtime, parameters: readonly Parameter[]): Map<string, StoredTensor> {
  return new Map(
    parameters.map((parameter) => [
      nameOf(parameter),
      { shape: parameter.dimensions, data: readParameter(runtime, parameter) },
    ]),
  );
}

/** The values of all parameters, and all that is kept beside them. */
export function exportState(runtime: Runtime, parameters: readonly Parameter[]): Map<string, StoredTensor> {
  return new Map([...exportWeights(runtime, parameters), ...exportBeside(runtime, parameters, STATE)]);
}

/** What an optimiser keeps of the parameters, and nothing else. */
export function exportMoments(runtime: Runtime, parameters: readonly Parameter[]): Map<string, StoredTensor> {
  return exportBeside(runtime, parameters, MOMENTS);
}

function exportBeside(
  runtime: Runtime,
  parameters: readonly Parameter[],
  states: readonly State[],
): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const parameter of parameters) {
    for (const state of states.filter((kept) => parameter[kept] !== 0)) {
      const data = readParameter(runtime, parameter, state);
      tensors.set(nameOf(parameter, state), { shape: parameter.dimensions, data });
    }
  }
  return tensors;
}

/** Puts stored moments in the place of those of an optimiser, where the file has those of the same kind of optimiser. */
export function importMoments(
  runtime: Runtime,
  parameters: readonly Parameter[],
  { tensors }: Safetensors,
  where: string,
): void {
  const stored = MOMENTS.filter((state) => [...tensors.keys()].some((name) => name.endsWith(`.${state}`)));
  const own = MOMENTS.filter((state) => parameters.some((parameter) => parameter[state] !== 0));
  if (String(stored) !== String(own)) return;
  for (const parameter of parameters) {
    for (const state of own.filter((kept) => parameter[kept] !== 0)) {
      const values = find(tensors, nameOf(parameter, state), parameter, where);
      writeParameter(runtime, parameter, values, state);
    }
  }
}

/**
 * Puts stored values in the place of those of all parameters; moving averages begin there as well. Throws a NasError
 * where the file is not of this network.
 */
export function importWeights(
  runtime: Runtime,
  parameters: readonly Parameter[],
  { tensors }: Safetensors,
  where: string,
): void {
  const names = new Set(parameters.flatMap((p) => [nameOf(p), ...STATE.map((state) => nameOf(p, state))]));
  const foreign = [...tensors.keys()].find((name) => !names.has(name));
  if (foreign !== undefined) {
    throw new NasError(where, { found: `a tensor ${foreign}`, expected: 'parameters of the network alone' });
  }
  for (const parameter of parameters) {
    const values = find(tensors, nameOf(parameter), parameter, where);
    writeParameter(runtime, parameter, values);
    if (parameter.average !== 0) writeParameter(runtime, parameter, values, 'average');
  }
}

/** Puts back what `exportState` gave. */
export function importState(
  runtime: Runtime,
  parameters: readonly Parameter[],
  stored: Safetensors,
  where: string,
): void {
  importWeights(runtime, parameters, stored, where);
  for (const parameter of parameters) {
    for (const state of STATE.filter((kept) => parameter[kept] !== 0)) {
      const values = find(stored.tensors, nameOf(parameter, state), parameter, where);
      writeParameter(runtime, parameter, values, state);
    }
  }
}

function find(
  tensors: Safetensors['tensors'],
  name: string,
  { dimensions }: Parameter,
  where: string,
): Float32Array {
  const found = tensors.get(name);
  if (found?.data instanceof Float32Array && String(found.shape) === String(dimensions)) return found.data;
  throw new NasError(where, {
    found: found === undefined ? `no tensor ${name}` : `${name} of shape [${found.shape}]`,
    expected: `float32 of shape [${dimensions}]`,
  });
}
