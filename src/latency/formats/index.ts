import { fbnet } from './fbnet/fbnet.ts';
import type { TableFormat } from './format.ts';
import { kernelCsv } from './kernel-csv.ts';
import { nnMeter } from './nn-meter/nn-meter.ts';
import { proxylessnas } from './proxylessnas/proxylessnas.ts';

/** The forms of latency tables that can be imported, by their names. */
export const TABLE_FORMATS = {
  csv: kernelCsv,
  fbnet,
  proxylessnas,
  'nn-meter': nnMeter,
} as const satisfies Readonly<Record<string, TableFormat>>;

export type TableFormatName = keyof typeof TABLE_FORMATS;
