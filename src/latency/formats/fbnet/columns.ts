import { listOf } from '../../../base/parse.ts';
import type { Header } from '../csv.ts';

/** The columns, and what else they go by. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  op: ['block', 'op_name', 'op_type', 'block_type'],
  /** Height x width x channels. */
  input: ['input_shape'],
  /** Where `input` is not there: pixels along a side, or both sides, and channels. */
  size: ['input_size', 'resolution', 'hw'],
  height: ['h', 'input_h', 'input_height'],
  width: ['w', 'input_w', 'input_width'],
  in_channels: ['c_in', 'cin', 'input_channels'],
  channels: ['c_out', 'cout', 'out_channels', 'output_channels', 'filters'],
  stride: ['s', 'strides'],
  /** These three may stand in the op's name instead. */
  kernel: ['k', 'kernel_size'],
  expansion: ['e', 'expand', 'expand_ratio', 'expansion_ratio'],
  groups: ['g', 'group'],
  activation: ['act'],
  latency: [],
  latency_ms: [],
  latency_us: [],
  latency_s: [],
};

export const HEADER: Header = {
  read: (text) => {
    const wanted = text.toLowerCase().replaceAll(/[ -]/g, '_');
    return Object.keys(COLUMNS).find((name) => name === wanted || COLUMNS[name]?.includes(wanted));
  },
  expected: `${listOf(Object.keys(COLUMNS))}, each once`,
};
