import type { BuiltinOperatorName, BuiltinOptionsName, OptionField } from './schema.ts';

/** Index of a tensor in its model. */
export type TensorId = number;

/** What the integers of a tensor stand for: scale · (integer − zero point). */
export interface TfliteQuantization {
  /** One for the tensor, or one for each index of an axis. */
  readonly scales: readonly number[];
  /** As many. */
  readonly zeroPoints: readonly number[];
  /** That the scales are of; 0 where there is one. */
  readonly axis: number;
}

export interface TfliteTensor {
  readonly name: string;
  /** With the batch in front: [1, height, width, channels]. */
  readonly shape: readonly number[];
  /** Constants carry their values; what is computed carries none. */
  readonly data?: Float32Array | Int32Array | Int8Array;
  /** What is computed is int8 where it has this, float32 otherwise. */
  readonly quantization?: TfliteQuantization;
}

export interface OperatorOptions {
  readonly table: BuiltinOptionsName;
  readonly values: Readonly<Partial<Record<OptionField, number>>>;
}

export interface TfliteOperator {
  readonly code: BuiltinOperatorName;
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  readonly options?: OperatorOptions;
}

/** What a .tflite file says, before it is bytes. Operators are in order of execution. */
export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  /** For people. */
  readonly description?: string;
  /** For programs: named parts of the file that runtimes pass over. */
  readonly metadata?: ReadonlyMap<string, Uint8Array>;
}

/** Collects tensors and operators; every operator here has one output. */
export class TfliteModelBuilder {
  readonly #tensors: TfliteTensor[] = [];
  readonly #operators: TfliteOperator[] = [];
  readonly #names = new Map<string, number>();

  tensor(name: string, shape: readonly number[], quantization?: TfliteQuantization): TensorId {
    return this.#add({ name, shape }, quantization);
  }

  constant(
    name: string,
    shape: readonly number[],
    data: Float32Array | Int32Array | Int8Array,
    quantization?: TfliteQuantization,
  ): TensorId {
    return this.#add({ name, shape, data }, quantization);
  }

  #add(tensor: TfliteTensor, quantization: TfliteQuantization | undefined): TensorId {
    const named = { ...tensor, name: this.#unique(tensor.name) };
    return this.#tensors.push(quantization === undefined ? named : { ...named, quantization }) - 1;
  }

  /** A program written several times over repeats its names; readers look tensors up by name. */
  #unique(name: string): string {
    const repeats = this.#names.get(name) ?? 0;
    this.#names.set(name, repeats + 1);
    return repeats === 0 ? name : `${name}:${repeats}`;
  }

  /** A list of integers such as axes, a shape or a permutation. */
  integers(name: string, values: readonly number[]): TensorId {
    return this.constant(name, [values.length], Int32Array.from(values));
  }

  /** Appends an operator and returns the tensor it computes. */
  operator(
    code: BuiltinOperatorName,
    inputs: readonly TensorId[],
    output: Pick<TfliteTensor, 'name' | 'shape' | 'quantization'>,
    options?: OperatorOptions,
  ): TensorId {
    const result = this.tensor(output.name, output.shape, output.quantization);
    this.#operators.push({
      code,
      inputs,
      outputs: [result],
      ...(options === undefined ? {} : { options }),
    });
    return result;
  }

  build(inputs: readonly TensorId[], outputs: readonly TensorId[]): TfliteModel {
    return { tensors: [...this.#tensors], operators: [...this.#operators], inputs, outputs };
  }
}
