import { Builder, type Offset } from 'flatbuffers';
import type {
  OperatorOptions,
  TfliteModel,
  TfliteOperator,
  TfliteQuantization,
  TfliteTensor,
} from './model.ts';
import {
  BUFFER_ALIGNMENT,
  BUILTIN_OPERATOR,
  BUILTIN_OPTIONS,
  type BuiltinOperatorName,
  FILE_IDENTIFIER,
  INT8_VERSION,
  OPTION_FIELDS,
  SCHEMA_VERSION,
  SLOTS,
  TENSOR_TYPE,
} from './schema.ts';
import { writeIntegers, writeOffsets } from './vectors.ts';

/** Room for everything in a file but its constants; the builder grows, by copying, when it is too little. */
const STRUCTURE_BYTES = 1 << 16;

/**
 * The bytes of a .tflite file. A flatbuffer is written back to front and children before parents, which is why
 * every function here finishes its vectors and strings before it starts its own table.
 */
export function serializeTflite(model: TfliteModel): Uint8Array {
  const constants = new Set(model.tensors.map(({ data }) => data));
  const constantBytes = [...constants].reduce((sum, data) => sum + (data?.byteLength ?? 0), 0);
  const builder = new Builder(constantBytes + STRUCTURE_BYTES);
  const codeOf = (operator: TfliteOperator): string => {
    const [first] = operator.inputs.map((id) => model.tensors[id]);
    const version =
      first !== undefined && typeOf(first) === TENSOR_TYPE.int8 ? INT8_VERSION[operator.code] : 1;
    return `${operator.code} ${version ?? 1}`;
  };
  const codes = [...new Set(model.operators.map(codeOf))];
  // Buffer 0 is empty by convention: the buffer of every tensor without data.
  const buffers: Offset[] = [writeBuffer(builder, undefined)];
  const bufferOf = new Map<TfliteTensor['data'], number>([[undefined, 0]]);
  for (const { data } of model.tensors) {
    // Tensors that share an array share its bytes in the file.
    if (!bufferOf.has(data)) bufferOf.set(data, buffers.push(writeBuffer(builder, data)) - 1);
  }
  const tensors = model.tensors.map((tensor) => writeTensor(builder, tensor, bufferOf.get(tensor.data) ?? 0));
  const operators = model.operators.map((operator) =>
    writeOperator(builder, operator, codes.indexOf(codeOf(operator))),
  );
  const subgraphs = writeOffsets(builder, [writeSubgraph(builder, model, tensors, operators)]);
  const operatorCodes = writeOffsets(
    builder,
    codes.map((code) => {
      const [name, version] = code.split(' ');
      return writeOperatorCode(builder, BUILTIN_OPERATOR[name as BuiltinOperatorName], Number(version));
    }),
  );
  const entries = [...(model.metadata ?? [])].map(([name, content]) =>
    writeMetadata(builder, name, buffers.push(writeBuffer(builder, content)) - 1),
  );
  const metadata = entries.length === 0 ? 0 : writeOffsets(builder, entries);
  const bufferVector = writeOffsets(builder, buffers);
  const description = builder.createString(model.description ?? 'nas');
  const slot = SLOTS.Model;
  builder.startObject(slot.count);
  builder.addFieldInt32(slot.version, SCHEMA_VERSION, 0);
  builder.addFieldOffset(slot.operatorCodes, operatorCodes, 0);
  builder.addFieldOffset(slot.subgraphs, subgraphs, 0);
  builder.addFieldOffset(slot.description, description, 0);
  builder.addFieldOffset(slot.buffers, bufferVector, 0);
  builder.addFieldOffset(slot.metadata, metadata, 0);
  builder.finish(builder.endObject(), FILE_IDENTIFIER);
  return builder.asUint8Array();
}

function writeMetadata(builder: Builder, name: string, buffer: number): Offset {
  const slot = SLOTS.Metadata;
  const written = builder.createString(name);
  builder.startObject(slot.count);
  builder.addFieldOffset(slot.name, written, 0);
  builder.addFieldInt32(slot.buffer, buffer, 0);
  return builder.endObject();
}

function writeBuffer(builder: Builder, data: TfliteTensor['data'] | Uint8Array): Offset {
  let bytes: Offset = 0;
  if (data !== undefined) {
    builder.prep(BUFFER_ALIGNMENT, data.byteLength);
    bytes = builder.createByteVector(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  builder.startObject(SLOTS.Buffer.count);
  builder.addFieldOffset(SLOTS.Buffer.data, bytes, 0);
  return builder.endObject();
}

function writeTensor(builder: Builder, tensor: TfliteTensor, buffer: number): Offset {
  const slot = SLOTS.Tensor;
  const name = builder.createString(tensor.name);
  const shape = writeIntegers(builder, tensor.shape);
  const quantization =
    tensor.quantization === undefined ? 0 : writeQuantization(builder, tensor.quantization);
  builder.startObject(slot.count);
  builder.addFieldOffset(slot.shape, shape, 0);
  builder.addFieldInt8(slot.type, typeOf(tensor), 0);
  builder.addFieldInt32(slot.buffer, buffer, 0);
  builder.addFieldOffset(slot.name, name, 0);
  builder.addFieldOffset(slot.quantization, quantization, 0);
  return builder.endObject();
}

function typeOf({ data, quantization }: TfliteTensor): number {
  if (data instanceof Int32Array) return TENSOR_TYPE.int32;
  if (data instanceof Int8Array) return TENSOR_TYPE.int8;
  return data === undefined && quantization !== undefined ? TENSOR_TYPE.int8 : TENSOR_TYPE.float32;
}

function writeQuantization(builder: Builder, { scales, zeroPoints, axis }: TfliteQuantization): Offset {
  const slot = SLOTS.QuantizationParameters;
  builder.startVector(4, scales.length, 4);
  for (const scale of scales.toReversed()) builder.addFloat32(scale);
  const scaleVector = builder.endVector();
  builder.startVector(8, zeroPoints.length, 8);
  for (const zeroPoint of zeroPoints.toReversed()) builder.addInt64(BigInt(zeroPoint));
  const zeroPointVector = builder.endVector();
  builder.startObject(slot.count);
  builder.addFieldOffset(slot.scale, scaleVector, 0);
  builder.addFieldOffset(slot.zeroPoint, zeroPointVector, 0);
  builder.addFieldInt32(slot.quantizedDimension, axis, 0);
  return builder.endObject();
}

function writeOperator(builder: Builder, operator: TfliteOperator, opcodeIndex: number): Offset {
  const slot = SLOTS.Operator;
  const inputs = writeIntegers(builder, operator.inputs);
  const outputs = writeIntegers(builder, operator.outputs);
  const options = operator.options === undefined ? 0 : writeOptions(builder, operator.options);
  builder.startObject(slot.count);
  builder.addFieldInt32(slot.opcodeIndex, opcodeIndex, 0);
  builder.addFieldOffset(slot.inputs, inputs, 0);
  builder.addFieldOffset(slot.outputs, outputs, 0);
  if (operator.options !== undefined) {
    builder.addFieldInt8(slot.optionsType, BUILTIN_OPTIONS[operator.options.table].union, 0);
    builder.addFieldOffset(slot.options, options, 0);
  }
  return builder.endObject();
}

function writeOptions(builder: Builder, options: OperatorOptions): Offset {
  const { fields } = BUILTIN_OPTIONS[options.table];
  builder.startObject(fields.length);
  fields.forEach((field, slot) => {
    const { type, default: standard } = OPTION_FIELDS[field];
    const value = options.values[field] ?? standard;
    if (type === 'int8') builder.addFieldInt8(slot, value, standard);
    else builder.addFieldInt32(slot, value, standard);
  });
  return builder.endObject();
}

function writeSubgraph(
  builder: Builder,
  model: TfliteModel,
  tensors: readonly Offset[],
  operators: readonly Offset[],
): Offset {
  const slot = SLOTS.SubGraph;
  const tensorVector = writeOffsets(builder, tensors);
  const inputs = writeIntegers(builder, model.inputs);
  const outputs = writeIntegers(builder, model.outputs);
  const operatorVector = writeOffsets(builder, operators);
  const name = builder.createString('main');
  builder.startObject(slot.count);
  builder.addFieldOffset(slot.tensors, tensorVector, 0);
  builder.addFieldOffset(slot.inputs, inputs, 0);
  builder.addFieldOffset(slot.outputs, outputs, 0);
  builder.addFieldOffset(slot.operators, operatorVector, 0);
  builder.addFieldOffset(slot.name, name, 0);
  return builder.endObject();
}

function writeOperatorCode(builder: Builder, code: number, version: number): Offset {
  const slot = SLOTS.OperatorCode;
  builder.startObject(slot.count);
  // One byte in old files; readers take the larger of the two fields, and all codes here are below 127.
  builder.addFieldInt8(slot.deprecatedBuiltinCode, code, 0);
  builder.addFieldInt32(slot.version, version, 1);
  builder.addFieldInt32(slot.builtinCode, code, 0);
  return builder.endObject();
}
