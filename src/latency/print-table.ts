import type { KernelLatency, LatencyTable } from './table.ts';

/**
 * A table as JSON text: provenance and calibration, then one session a line, then one kernel a line sorted by
 * signature, so that two tables compare line by line. Reading it back with `parseTable` gives the same table, to the bit.
 */
export function printTable({ provenance, calibration, conditions, kernels }: LatencyTable): string {
  // The signature first: it is what a reader looks for.
  const lines = [...kernels.values()]
    .sort(bySignature)
    .map(({ signature, ...numbers }) => printOnOneLine({ signature, ...numbers }));
  const head = { version: TABLE_VERSION, provenance, ...(calibration === undefined ? {} : { calibration }) };
  const opened = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  const sessions =
    conditions === undefined ? '' : `  "conditions": ${printLines(conditions.map(printOnOneLine))},\n`;
  return `${opened},\n${sessions}  "kernels": ${printLines(lines)}\n}\n`;
}

/** Of the form of the file; raised when files of old cannot be read as they are. */
export const TABLE_VERSION = 2;

function bySignature(a: KernelLatency, b: KernelLatency): number {
  return a.signature < b.signature ? -1 : a.signature > b.signature ? 1 : 0;
}

function printLines(lines: readonly string[]): string {
  return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
}

function printOnOneLine(record: object): string {
  const fields = Object.entries(record).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return `    { ${fields.join(', ')} }`;
}
