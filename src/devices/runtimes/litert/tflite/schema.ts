/**
 * The part of the TensorFlow Lite file format that the closed op set needs, by the names of its public schema:
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
 * A flatbuffer table is a list of numbered slots; the numbers below are the order of the fields there.
 */

/** enum BuiltinOperator */
export const BUILTIN_OPERATOR = {
  ADD: 0,
  AVERAGE_POOL_2D: 1,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 4,
  DEQUANTIZE: 6,
  FULLY_CONNECTED: 9,
  LOGISTIC: 14,
  MAX_POOL_2D: 17,
  MUL: 18,
  RELU: 19,
  RELU6: 21,
  RESHAPE: 22,
  TRANSPOSE: 39,
  MEAN: 40,
  PRELU: 54,
  SLICE: 65,
  REDUCE_MAX: 82,
  REDUCE_MIN: 89,
  QUANTIZE: 114,
  HARD_SWISH: 117,
} as const;
export type BuiltinOperatorName = keyof typeof BUILTIN_OPERATOR;

/**
 * The version that an operator has where int8 goes in; 1 where there is none. A runtime that is older than a version
 * refuses the file instead of misreading it. `FULLY_CONNECTED` counts that it keeps dimensions, `MUL` that a product may
 * be scaled up.
 */
export const INT8_VERSION: Readonly<Partial<Record<BuiltinOperatorName, number>>> = {
  ADD: 2,
  AVERAGE_POOL_2D: 2,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 3,
  DEQUANTIZE: 2,
  FULLY_CONNECTED: 5,
  LOGISTIC: 2,
  MAX_POOL_2D: 2,
  MEAN: 2,
  MUL: 3,
  RELU: 2,
  RELU6: 2,
  SLICE: 2,
  TRANSPOSE: 2,
};

/** union BuiltinOptions: its number and the fields of the table in the order of their slots. */
export const BUILTIN_OPTIONS = {
  Conv2DOptions: {
    union: 1,
    fields: ['padding', 'strideWidth', 'strideHeight', 'activation', 'dilationWidth', 'dilationHeight'],
  },
  DepthwiseConv2DOptions: {
    union: 2,
    fields: [
      'padding',
      'strideWidth',
      'strideHeight',
      'depthMultiplier',
      'activation',
      'dilationWidth',
      'dilationHeight',
    ],
  },
  Pool2DOptions: {
    union: 5,
    fields: ['padding', 'strideWidth', 'strideHeight', 'filterWidth', 'filterHeight', 'activation'],
  },
  FullyConnectedOptions: { union: 8, fields: ['activation', 'weightsFormat', 'keepNumDims'] },
  ConcatenationOptions: { union: 10, fields: ['axis', 'activation'] },
  AddOptions: { union: 11, fields: ['activation'] },
  MulOptions: { union: 21, fields: ['activation'] },
  TransposeOptions: { union: 26, fields: [] },
  ReducerOptions: { union: 27, fields: ['keepDims'] },
} as const satisfies Record<string, { union: number; fields: readonly OptionField[] }>;
export type BuiltinOptionsName = keyof typeof BUILTIN_OPTIONS;

/** Width and default of each option field; a field that equals its default is left out of the file. */
export const OPTION_FIELDS = {
  padding: { type: 'int8', default: 0 },
  activation: { type: 'int8', default: 0 },
  weightsFormat: { type: 'int8', default: 0 },
  keepDims: { type: 'int8', default: 0 },
  keepNumDims: { type: 'int8', default: 0 },
  strideWidth: { type: 'int32', default: 0 },
  strideHeight: { type: 'int32', default: 0 },
  filterWidth: { type: 'int32', default: 0 },
  filterHeight: { type: 'int32', default: 0 },
  depthMultiplier: { type: 'int32', default: 0 },
  dilationWidth: { type: 'int32', default: 1 },
  dilationHeight: { type: 'int32', default: 1 },
  axis: { type: 'int32', default: 0 },
} as const;
export type OptionField = keyof typeof OPTION_FIELDS;

/** enum Padding */
export const PADDING = { same: 0, valid: 1 } as const;

/** enum ActivationFunctionType: what an operator can apply to its own output. */
export const FUSED_ACTIVATION = { none: 0, relu: 1, relu6: 3 } as const;
export type FusedActivation = keyof typeof FUSED_ACTIVATION;

/** enum TensorType */
export const TENSOR_TYPE = { float32: 0, int32: 2, int8: 9 } as const;

/** Slots of the tables that make up a file. */
export const SLOTS = {
  Model: { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4, metadata: 6, count: 7 },
  Metadata: { name: 0, buffer: 1, count: 2 },
  SubGraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4, count: 5 },
  Tensor: { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, count: 5 },
  QuantizationParameters: { scale: 2, zeroPoint: 3, quantizedDimension: 6, count: 7 },
  Operator: { opcodeIndex: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4, count: 5 },
  OperatorCode: { deprecatedBuiltinCode: 0, version: 2, builtinCode: 3, count: 4 },
  Buffer: { data: 0, count: 1 },
} as const;

/** `version` of the Model table and the identifier in bytes 4 to 7 of a file. */
export const SCHEMA_VERSION = 3;
export const FILE_IDENTIFIER = 'TFL3';
/** Readers map constants straight from the file, so each starts at a multiple of this (`force_align`). */
export const BUFFER_ALIGNMENT = 16;
