import { batched, type Lowering } from './step.ts';

/** Axis of the channels in [batch, height, width, channels]. */
const CHANNEL_AXIS = 3;

export const lowerConcat: Lowering<'concat'> = (step, { builder }) =>
  builder.operator(
    'CONCATENATION',
    step.inputs.map(({ tensor }) => tensor),
    { name: step.name, shape: batched(step.shape) },
    { table: 'ConcatenationOptions', values: { axis: CHANNEL_AXIS } },
  );

/** SLICE of all pixels and some channels. */
export const lowerChannelSplit: Lowering<'channel-split'> = (step, { builder }) => {
  const [{ tensor }] = step.inputs;
  const begin = builder.integers(`${step.name}/begin`, [0, 0, 0, step.op.offset]);
  const size = builder.integers(`${step.name}/size`, batched(step.shape));
  return builder.operator('SLICE', [tensor, begin, size], { name: step.name, shape: batched(step.shape) });
};

/** RESHAPE to [pixels, groups, channels of a group], TRANSPOSE the last two, RESHAPE back. */
export const lowerChannelShuffle: Lowering<'channel-shuffle'> = (step, { builder }) => {
  const [{ tensor }] = step.inputs;
  const [height, width, channels] = step.shape;
  const { groups } = step.op;
  const grouped = [height * width, groups, channels / groups];
  const shuffled = [height * width, channels / groups, groups];
  const apart = builder.operator('RESHAPE', [tensor, builder.integers(`${step.name}/grouped`, grouped)], {
    name: `${step.name}/apart`,
    shape: grouped,
  });
  const swapped = builder.operator(
    'TRANSPOSE',
    [apart, builder.integers(`${step.name}/permutation`, [0, 2, 1])],
    { name: `${step.name}/swapped`, shape: shuffled },
    { table: 'TransposeOptions', values: {} },
  );
  return builder.operator('RESHAPE', [swapped, builder.integers(`${step.name}/shape`, batched(step.shape))], {
    name: step.name,
    shape: batched(step.shape),
  });
};
