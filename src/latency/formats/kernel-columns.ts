import type { Extent, Op } from '../../graph/op.ts';
import { outputOf, parseKernel } from '../../graph/parse-kernel.ts';
import { printShape } from '../../graph/shape.ts';
import { joinKernels, splitKernels } from '../sequence.ts';
import type { KernelLatency } from '../table.ts';

/** Columns that say in words what the signature says; in order. Empty where a kernel has no such thing. */
export const KERNEL_COLUMNS = [
  'op',
  'inputs',
  'channels',
  'window',
  'stride',
  'dilation',
  'groups',
  'padding',
  'bias',
  'activation',
] as const;

export type KernelColumn = (typeof KERNEL_COLUMNS)[number];

/** Columns of numbers, and the fields they are of. */
export const LATENCY_COLUMNS = {
  median_ms: 'medianMs',
  mad_ms: 'madMs',
  p10_ms: 'p10Ms',
  p90_ms: 'p90Ms',
  warm_ms: 'warmMs',
  samples: 'samples',
  rejected: 'rejected',
} as const satisfies Readonly<Record<string, keyof KernelLatency>>;

/**
 * What a table's entry is made of, in words; of a sequence its ops and what the first of them reads. `undefined` for a
 * text that is no signature.
 */
export function describeKernel(signature: string): Readonly<Record<KernelColumn, string>> | undefined {
  const parts = splitKernels(signature).map(parseKernel);
  const kernels = parts.filter((kernel) => kernel !== undefined);
  const [first] = kernels;
  if (first === undefined || kernels.length < parts.length) return undefined;
  const inputs = first.inputs.map(printShape).join(' ');
  const ops = joinKernels(kernels.map(({ ops: [op] }) => (op === undefined ? '' : nameOf(op))));
  if (kernels.length > 1) return { ...NOTHING, op: ops, inputs };
  const [op, activation] = first.ops;
  return {
    ...NOTHING,
    op: ops,
    inputs,
    channels: String(outputOf(first)?.[2] ?? ''),
    ...(op?.kind === 'convolution' || op?.kind === 'pool' ? windowOf(op) : {}),
    ...(op?.kind === 'channel-shuffle' ? { groups: String(op.groups) } : {}),
    ...(op?.kind === 'linear' ? { bias: yesOrNo(op.bias) } : {}),
    activation: activation?.kind === 'activation' ? activation.function : '',
  };
}

const NOTHING: Readonly<Record<KernelColumn, string>> = {
  ...{ op: '', inputs: '', channels: '', window: '', stride: '', dilation: '', groups: '' },
  ...{ padding: '', bias: '', activation: '' },
};

/** One word, or the op with what distinguishes it from others of its kind. */
function nameOf(op: Op): string {
  if (op.kind === 'activation') return op.function;
  return op.kind === 'pool' ? `${op.function}-pool` : op.kind;
}

function windowOf(op: Op & { readonly kind: 'convolution' | 'pool' }): Partial<Record<KernelColumn, string>> {
  const shared = { window: printExtent(op.kernel), stride: printExtent(op.stride), padding: op.padding };
  if (op.kind === 'pool') return shared;
  return {
    ...shared,
    dilation: printExtent(op.dilation),
    groups: String(op.groups),
    bias: yesOrNo(op.bias),
  };
}

const printExtent = (extent: Extent): string => extent.join('x');
const yesOrNo = (value: boolean): string => (value ? 'yes' : 'no');
