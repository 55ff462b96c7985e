import { FUSED_ACTIVATION } from '../schema.ts';
import { batched, type Lowering } from './step.ts';

/** An activation as operators of its own; see `fusedActivation` for those that need none. */
export const lowerActivation: Lowering<'activation'> = (step, { builder, parameters }) => {
  const [{ tensor }] = step.inputs;
  const shape = batched(step.shape);
  const output = { name: step.name, shape };
  switch (step.op.function) {
    case 'relu':
      return builder.operator('RELU', [tensor], output);
    case 'relu6':
      return builder.operator('RELU6', [tensor], output);
    case 'hswish':
      return builder.operator('HARD_SWISH', [tensor], output);
    case 'sigmoid':
      return builder.operator('LOGISTIC', [tensor], output);
    case 'swish': {
      const gate = builder.operator('LOGISTIC', [tensor], { name: `${step.name}/gate`, shape });
      return builder.operator('MUL', [tensor, gate], output, { table: 'MulOptions', values: {} });
    }
    case 'hsigmoid': {
      // relu6(x + 3) / 6 (Howard et al. 2019, section 5.2); the format has no operator for it.
      const three = builder.constant(`${step.name}/three`, [1], Float32Array.of(3));
      const sixth = builder.constant(`${step.name}/sixth`, [1], Float32Array.of(1 / 6));
      const clipped = builder.operator(
        'ADD',
        [tensor, three],
        { name: `${step.name}/clipped`, shape },
        { table: 'AddOptions', values: { activation: FUSED_ACTIVATION.relu6 } },
      );
      return builder.operator('MUL', [clipped, sixth], output, { table: 'MulOptions', values: {} });
    }
    case 'prelu': {
      const channels = step.shape[2];
      const slope = parameters.parameter(step.name, 'slope', [channels]);
      return builder.operator(
        'PRELU',
        [tensor, builder.constant(`${step.name}/slope`, [1, 1, channels], slope)],
        output,
      );
    }
  }
};
