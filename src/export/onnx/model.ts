import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * What a .onnx file says, by the field numbers of its public schema:
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** Of the file's own layout; readers since 2021 know it. */
const IR_VERSION = 8;
/** Of the operators: the first with HardSwish. */
const OPERATOR_SET = 14;

/** TensorProto.DataType */
const DATA_TYPE = { float: 1, int64: 7 } as const;
/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPE = { float: 1, integer: 2, integers: 7 } as const;

/** A whole number, a list of them, or a float. */
type Attribute = number | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

/** A tensor and its axes; a name stands for a size that is free. */
export type NamedTensor = readonly [name: string, axes: readonly (number | string)[]];

export interface OnnxDescription {
  readonly name: string;
  readonly text: string;
  readonly input: NamedTensor;
  readonly output: NamedTensor;
  /** What programs may look up. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Collects operators and constants. Tensors are known by their names; every operator here makes one. */
export class OnnxModelBuilder {
  readonly #nodes: Uint8Array[] = [];
  readonly #constants: Uint8Array[] = [];

  float(name: string, shape: readonly number[], values: Float32Array): string {
    const view = new DataView(new ArrayBuffer(values.length * 4));
    values.forEach((value, i) => {
      view.setFloat32(i * 4, value, true);
    });
    return this.#constant(name, shape, DATA_TYPE.float, view);
  }

  /** A list of integers such as a shape or axes. */
  integers(name: string, values: readonly number[]): string {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, i) => {
      view.setBigInt64(i * 8, BigInt(value), true);
    });
    return this.#constant(name, [values.length], DATA_TYPE.int64, view);
  }

  #constant(name: string, shape: readonly number[], type: number, { buffer }: DataView): string {
    const tensor = message();
    for (const size of shape) tensor.integer(1, size);
    this.#constants.push(tensor.integer(2, type).text(8, name).bytes(9, new Uint8Array(buffer)).finish());
    return name;
  }

  /** Appends an operator; its tensor has the operator's name. */
  operator(name: string, type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const node = message();
    for (const input of inputs) node.text(1, input);
    node.text(2, name).text(3, name).text(4, type);
    for (const [key, value] of Object.entries(attributes)) node.bytes(5, attribute(key, value));
    this.#nodes.push(node.finish());
    return name;
  }

  /** The bytes of a file. */
  build({ name, text, input, output, metadata }: OnnxDescription): Uint8Array {
    const graph = message();
    for (const node of this.#nodes) graph.bytes(1, node);
    graph.text(2, name);
    for (const constant of this.#constants) graph.bytes(5, constant);
    graph.bytes(11, valueInfo(input)).bytes(12, valueInfo(output));
    const model = message()
      .integer(1, IR_VERSION)
      .text(2, 'nas')
      .text(6, text)
      .bytes(7, graph.finish())
      .bytes(8, message().text(1, '').integer(2, OPERATOR_SET).finish());
    for (const [key, value] of Object.entries(metadata)) {
      model.bytes(14, message().text(1, key).text(2, value).finish());
    }
    return model.finish();
  }
}

/** AttributeProto */
function attribute(name: string, value: Attribute): Uint8Array {
  const written = message().text(1, name);
  if (typeof value === 'number') written.integer(3, value).integer(20, ATTRIBUTE_TYPE.integer);
  else if ('float' in value) written.float(2, value.float).integer(20, ATTRIBUTE_TYPE.float);
  else {
    for (const item of value) written.integer(8, item);
    written.integer(20, ATTRIBUTE_TYPE.integers);
  }
  return written.finish();
}

/** ValueInfoProto of a float32 tensor. */
function valueInfo([name, axes]: NamedTensor): Uint8Array {
  const shape = message();
  for (const size of axes) {
    shape.bytes(
      1,
      (typeof size === 'number' ? message().integer(1, size) : message().text(2, size)).finish(),
    );
  }
  const tensor = message().integer(1, DATA_TYPE.float).bytes(2, shape.finish());
  return message().text(1, name).bytes(2, message().bytes(1, tensor.finish()).finish()).finish();
}

interface Message {
  /** int32, int64 or an enum. */
  integer(field: number, value: number): Message;
  float(field: number, value: number): Message;
  text(field: number, value: string): Message;
  /** Bytes, or a message within the message. */
  bytes(field: number, value: Uint8Array): Message;
  finish(): Uint8Array;
}

function message(): Message {
  const writer = new BinaryWriter();
  const result: Message = {
    integer(field, value) {
      writer.tag(field, WireType.Varint).int64(value);
      return result;
    },
    float(field, value) {
      writer.tag(field, WireType.Bit32).float(value);
      return result;
    },
    text(field, value) {
      writer.tag(field, WireType.LengthDelimited).string(value);
      return result;
    },
    bytes(field, value) {
      writer.tag(field, WireType.LengthDelimited).bytes(value);
      return result;
    },
    finish: () => writer.finish(),
  };
  return result;
}
