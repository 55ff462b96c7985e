import type { KernelLatency, LatencyTable } from './table.ts';

/**
 * A table as JSON text: provenance, then one kernel a line sorted by signature, so that two tables compare
 * line by line. Reading it back with `parseTable` gives the same table, to the bit.
 */
export function printTable({ provenance, kernels }: LatencyTable): string {
  const { device, processor, runtime, runtimeVersion, threads, operatingSystem, measuredAt } = provenance;
  const ordered = { device, processor, runtime, runtimeVersion, threads, operatingSystem, measuredAt };
  const lines = [...kernels.values()].sort(bySignature).map(printKernel);
  const header = JSON.stringify(ordered, null, 2).replaceAll('\n', '\n  ');
  const body = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  return `{\n  "version": ${TABLE_VERSION},\n  "provenance": ${header},\n  "kernels": ${body}\n}\n`;
}

/** Of the form of the file; raised when files of old cannot be read as they are. */
export const TABLE_VERSION = 1;

function bySignature(a: KernelLatency, b: KernelLatency): number {
  return a.signature < b.signature ? -1 : a.signature > b.signature ? 1 : 0;
}

function printKernel({ signature, medianMs, madMs, samples, rejected }: KernelLatency): string {
  const fields = [
    `"signature": ${JSON.stringify(signature)}`,
    `"medianMs": ${medianMs}`,
    `"madMs": ${madMs}`,
    `"samples": ${samples}`,
    `"rejected": ${rejected}`,
  ];
  return `    { ${fields.join(', ')} }`;
}
