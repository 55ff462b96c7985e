import { FUSED_ACTIVATION, PADDING } from '../schema.ts';
import { batched, type Lowering } from './step.ts';

export const lowerPool: Lowering<'pool'> = (step, { builder }) => {
  const { op } = step;
  const [{ tensor }] = step.inputs;
  return builder.operator(
    op.function === 'max' ? 'MAX_POOL_2D' : 'AVERAGE_POOL_2D',
    [tensor],
    { name: step.name, shape: batched(step.shape) },
    {
      table: 'Pool2DOptions',
      values: {
        padding: PADDING[op.padding],
        strideHeight: op.stride[0],
        strideWidth: op.stride[1],
        filterHeight: op.kernel[0],
        filterWidth: op.kernel[1],
        activation: FUSED_ACTIVATION[step.activation],
      },
    },
  );
};

/** MEAN over the axes of height and width. */
export const lowerGlobalAveragePool: Lowering<'global-average-pool'> = (step, { builder }) => {
  const [{ tensor }] = step.inputs;
  return builder.operator(
    'MEAN',
    [tensor, builder.integers(`${step.name}/axes`, [1, 2])],
    { name: step.name, shape: batched(step.shape) },
    { table: 'ReducerOptions', values: { keepDims: 1 } },
  );
};
