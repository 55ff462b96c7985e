import type {
  TensorId,
  TfliteModel,
  TfliteOperator,
  TfliteTensor,
} from '../../../devices/runtimes/litert/tflite/model.ts';
import { PADDING } from '../../../devices/runtimes/litert/tflite/schema.ts';

/**
 * The same model with `x · scale + shift`, channel by channel, as a depthwise convolution of one pixel: each channel of
 * a batch-norm that stands by itself then has a scale of its own, where a multiplication has one for the tensor.
 */
export function affineAsDepthwise(model: TfliteModel): TfliteModel {
  const tensors: TfliteTensor[] = [...model.tensors];
  const readers = new Map<TensorId, TfliteOperator[]>();
  for (const operator of model.operators) {
    for (const id of operator.inputs) readers.set(id, [...(readers.get(id) ?? []), operator]);
  }
  /** One number a channel. */
  const vectorAt = (id: TensorId | undefined, channels: number): TfliteTensor | undefined => {
    const tensor = tensors[id ?? -1];
    return tensor?.data instanceof Float32Array && tensor.data.length === channels ? tensor : undefined;
  };
  const gone = new Set<TfliteOperator>();
  const operators = model.operators.flatMap((multiplication): readonly TfliteOperator[] => {
    if (gone.has(multiplication)) return [];
    const [input = -1, scaleId] = multiplication.inputs;
    const [product = -1] = multiplication.outputs;
    const [addition, ...others] = readers.get(product) ?? [];
    const channels = tensors[product]?.shape.at(-1) ?? 0;
    const scale = vectorAt(scaleId, channels);
    const [, shiftId = -1] = addition?.inputs ?? [];
    const isAffine =
      multiplication.code === 'MUL' &&
      addition?.code === 'ADD' &&
      others.length === 0 &&
      scale !== undefined &&
      vectorAt(shiftId, channels) !== undefined;
    if (!isAffine) return [multiplication];
    gone.add(addition);
    const weights = tensors.push({ ...scale, shape: [1, 1, 1, channels] }) - 1;
    return [
      {
        code: 'DEPTHWISE_CONV_2D',
        inputs: [input, weights, shiftId],
        outputs: addition.outputs,
        options: {
          table: 'DepthwiseConv2DOptions',
          values: {
            ...{ padding: PADDING.valid, strideHeight: 1, strideWidth: 1, depthMultiplier: 1 },
            activation: addition.options?.values.activation ?? 0,
          },
        },
      },
    ];
  });
  return { ...model, tensors, operators };
}
