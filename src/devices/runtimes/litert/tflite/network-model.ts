import type { Program } from '../../../program.ts';
import { declareInputs, lowerProgram } from './lower-program.ts';
import { type TfliteModel, TfliteModelBuilder } from './model.ts';
import type { ParameterSource } from './parameters.ts';

/** A program as it is deployed. The parameters are a trained network's, or random ones to measure it. */
export function networkModel(program: Program, parameters: ParameterSource): TfliteModel {
  const context = { builder: new TfliteModelBuilder(), parameters };
  const inputs = declareInputs(program, context);
  return context.builder.build(inputs, lowerProgram(program, inputs, context));
}
