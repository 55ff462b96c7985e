import { FUSED_ACTIVATION } from '../schema.ts';
import { batched, type Lowering } from './step.ts';

export const lowerAdd: Lowering<'add'> = (step, { builder }) =>
  builder.operator(
    'ADD',
    step.inputs.map(({ tensor }) => tensor),
    { name: step.name, shape: batched(step.shape) },
    { table: 'AddOptions', values: { activation: FUSED_ACTIVATION[step.activation] } },
  );

/** MUL broadcasts a second input of one pixel over all pixels of the first. */
export const lowerMultiply: Lowering<'multiply'> = (step, { builder }) =>
  builder.operator(
    'MUL',
    step.inputs.map(({ tensor }) => tensor),
    { name: step.name, shape: batched(step.shape) },
    { table: 'MulOptions', values: { activation: FUSED_ACTIVATION[step.activation] } },
  );
