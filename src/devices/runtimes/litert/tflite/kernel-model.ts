import type { Program } from '../../../program.ts';
import { declareInputs, lowerProgram } from './lower-program.ts';
import { type TensorId, type TfliteModel, TfliteModelBuilder } from './model.ts';
import type { ParameterSource } from './parameters.ts';

/**
 * A program repeated `copies` times side by side, all reading the same inputs, each with its own packed weights
 * as the layers of a network have: so that one run of a short kernel lasts long enough to be timed.
 *
 * A runtime drops operators whose results nobody reads, and writing many whole outputs would cost more than
 * the kernels. So one element of each result is read as soon as it is there, and the model's output is the sum
 * of those elements. Results are then short-lived inside the runtime, as in a network. Reading an element costs
 * some tens of nanoseconds. With no copies, an element of each input is read: the cost of a run that does nothing.
 */
export function kernelModel(program: Program, copies: number, parameters: ParameterSource): TfliteModel {
  const builder = new TfliteModelBuilder();
  const context = { builder, parameters };
  const inputs = declareInputs(program, context);
  const begin = builder.integers('probe/begin', [0, 0, 0, 0]);
  const size = builder.integers('probe/size', [1, 1, 1, 1]);
  const element = { name: 'probe', shape: [1, 1, 1, 1] };
  let sum: TensorId | undefined;
  const read = (tensor: TensorId): void => {
    const value = builder.operator('SLICE', [tensor, begin, size], element);
    sum =
      sum === undefined
        ? value
        : builder.operator('ADD', [sum, value], element, { table: 'AddOptions', values: {} });
  };
  if (copies === 0) inputs.forEach(read);
  for (let copy = 0; copy < copies; copy++) lowerProgram(program, inputs, context).forEach(read);
  return builder.build(inputs, sum === undefined ? [] : [sum]);
}
