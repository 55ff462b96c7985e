import { FUSED_ACTIVATION } from '../schema.ts';
import { batched, type Lowering } from './step.ts';
import { foldedParameters } from './weighted.ts';

/** FULLY_CONNECTED with filter [output channels, input channels], keeping the two axes of one pixel. */
export const lowerLinear: Lowering<'linear'> = (step, context) => {
  const { builder } = context;
  const [{ tensor, shape: input }] = step.inputs;
  const shape = [step.op.channels, input[2]] as const;
  const { weights, bias } = foldedParameters(step, context, shape, step.op.bias);
  return builder.operator(
    'FULLY_CONNECTED',
    [
      tensor,
      builder.constant(`${step.name}/weights`, shape, weights),
      builder.constant(`${step.name}/bias`, [step.op.channels], bias),
    ],
    { name: step.name, shape: batched(step.shape) },
    {
      table: 'FullyConnectedOptions',
      values: { activation: FUSED_ACTIVATION[step.activation], keepNumDims: 1 },
    },
  );
};
