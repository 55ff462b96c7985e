import { formatCount, formatMs, formatPercent } from '../base/units.ts';
import type { KernelKind } from '../latency/breakdown.ts';
import { textTable } from './text-table.ts';

/** Kernels that the text lists; `--json` has all. */
const SHOWN = 12;

/** The slowest kernels of a network, those of one kind together. Times are parts of an estimate. */
export function kernelTable(kinds: readonly KernelKind[], latencyMs: number): string {
  return textTable(kinds.slice(0, SHOWN), [
    { title: 'est. time', align: 'right', cell: ({ ms }) => formatMs(ms) },
    { title: 'share', align: 'right', cell: ({ ms }) => formatPercent(ms / (latencyMs || 1)) },
    { title: 'MACs', align: 'right', cell: ({ macs }) => formatCount(macs) },
    {
      title: kinds.length > SHOWN ? `the slowest ${SHOWN} of ${kinds.length} kernels` : 'kernel',
      cell: ({ signature, count }) => `${count > 1 ? `${count} × ` : ''}${shortSignature(signature)}`,
    },
  ]);
}

/**
 * A kernel for people: its signature without what nearly all have, stride 1, one group, `same` padding and a bias.
 * The whole signature is the table's key.
 */
function shortSignature(signature: string): string {
  return signature.replaceAll(/ s1x1\b| g1\b| same\b| bias\b/g, '');
}
