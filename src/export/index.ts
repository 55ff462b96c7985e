import type { ExportFormat } from './format.ts';
import { jsonFormat } from './json/json.ts';
import { tfliteFormat } from './tflite/tflite.ts';

/** The formats, by their name on the command line. */
export const EXPORT_FORMATS = {
  tflite: tfliteFormat,
  json: jsonFormat,
} as const satisfies Readonly<Record<string, ExportFormat>>;
