import type { ExportFormat } from './format.ts';
import { jsonFormat } from './json/json.ts';
import { onnxFormat } from './onnx/onnx.ts';
import { pytorchFormat } from './pytorch/pytorch.ts';
import { tfliteFormat } from './tflite/tflite.ts';

/** The formats, by their name on the command line. */
export const EXPORT_FORMATS = {
  tflite: tfliteFormat,
  onnx: onnxFormat,
  pytorch: pytorchFormat,
  json: jsonFormat,
} as const satisfies Readonly<Record<string, ExportFormat>>;
