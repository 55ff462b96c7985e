import type {
  TensorId,
  TfliteModel,
  TfliteOperator,
  TfliteTensor,
} from '../../../devices/runtimes/litert/tflite/model.ts';
import { serializeTflite } from '../../../devices/runtimes/litert/tflite/serialize.ts';
import { keepsScale } from './activation-scales.ts';
import type { Range } from './quantization.ts';

/** A runtime: what a .tflite file of one input and one output makes of images, one after another. */
export type RunModel = (file: Uint8Array, images: Iterable<Float32Array>) => AsyncIterable<Float32Array>;

/**
 * Runs a float model on images and gives the least and the greatest number that each of its tensors held, those left
 * out that hold parts of others. Nothing is cut off: what is met once in some hundred images is met again.
 */
export async function tensorRanges(
  model: TfliteModel,
  images: Iterable<Float32Array>,
  run: RunModel,
): Promise<ReadonlyMap<TensorId, Range>> {
  const computed = model.operators.flatMap(({ code, outputs }) => (keepsScale(code) ? [] : outputs));
  const observed = [...model.inputs, ...computed];
  const ranges = new Map<TensorId, Range>();
  for await (const ends of run(serializeTflite(rangeModel(model, observed)), images)) {
    observed.forEach((id, place) => {
      const { least, greatest } = ranges.get(id) ?? { least: 0, greatest: 0 };
      ranges.set(id, {
        least: Math.min(least, ends[2 * place] ?? Number.NaN),
        greatest: Math.max(greatest, ends[2 * place + 1] ?? Number.NaN),
      });
    });
  }
  return ranges;
}

/** The model with the least and the greatest number of some of its tensors, in turns, as its only result. */
function rangeModel(model: TfliteModel, observed: readonly TensorId[]): TfliteModel {
  const tensors: TfliteTensor[] = [...model.tensors];
  const operators: TfliteOperator[] = [...model.operators];
  const add = (tensor: TfliteTensor): TensorId => tensors.push(tensor) - 1;
  const axes = add({ name: 'calibration/axes', shape: [4], data: Int32Array.of(0, 1, 2, 3) });
  const ends = observed.flatMap((id) =>
    (['REDUCE_MIN', 'REDUCE_MAX'] as const).map((code) => {
      const end = add({ name: `calibration/${code}/${id}`, shape: [1, 1, 1, 1] });
      const options = { table: 'ReducerOptions', values: { keepDims: 1 } } as const;
      operators.push({ code, inputs: [id, axes], outputs: [end], options });
      return end;
    }),
  );
  const all = add({ name: 'calibration', shape: [1, 1, 1, ends.length] });
  const options = { table: 'ConcatenationOptions', values: { axis: 3 } } as const;
  operators.push({ code: 'CONCATENATION', inputs: ends, outputs: [all], options });
  return { ...model, tensors, operators, outputs: [all] };
}
