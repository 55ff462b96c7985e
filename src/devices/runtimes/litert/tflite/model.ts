import type { BuiltinOperatorName, BuiltinOptionsName, OptionField } from './schema.ts';

/** Index of a tensor in its model. */
export type TensorId = number;

export interface TfliteTensor {
  readonly name: string;
  /** With the batch in front: [1, height, width, channels]. */
  readonly shape: readonly number[];
  /** Constants carry their values; what is computed carries none. */
  readonly data?: Float32Array | Int32Array;
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
}

/** Collects tensors and operators; every operator here has one output. */
export class TfliteModelBuilder {
  readonly #tensors: TfliteTensor[] = [];
  readonly #operators: TfliteOperator[] = [];
  readonly #names = new Map<string, number>();

  tensor(name: string, shape: readonly number[]): TensorId {
    return this.#tensors.push({ name: this.#unique(name), shape }) - 1;
  }

  constant(name: string, shape: readonly number[], data: Float32Array | Int32Array): TensorId {
    return this.#tensors.push({ name: this.#unique(name), shape, data }) - 1;
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
    output: { readonly name: string; readonly shape: readonly number[] },
    options?: OperatorOptions,
  ): TensorId {
    const result = this.tensor(output.name, output.shape);
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
