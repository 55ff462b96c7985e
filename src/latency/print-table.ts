import type { KernelLatency, LatencyTable } from './table.ts';

/**
 * A table as JSON text: provenance and calibration, then one kernel a line sorted by signature, so that two tables
 * compare line by line. Reading it back with `parseTable` gives the same table, to the bit.
 */
export function printTable({ provenance, calibration, kernels }: LatencyTable): string {
  const lines = [...kernels.values()].sort(bySignature).map((kernel) => printOnOneLine(kernel));
  const body = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  const head = { version: TABLE_VERSION, provenance, ...(calibration === undefined ? {} : { calibration }) };
  const opened = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  return `${opened},\n  "kernels": ${body}\n}\n`;
}

/** Of the form of the file; raised when files of old cannot be read as they are. */
export const TABLE_VERSION = 2;

function bySignature(a: KernelLatency, b: KernelLatency): number {
  return a.signature < b.signature ? -1 : a.signature > b.signature ? 1 : 0;
}

/** The signature first: it is what a reader looks for. */
function printOnOneLine({ signature, ...numbers }: KernelLatency): string {
  const fields = Object.entries({ signature, ...numbers }).map(
    ([name, value]) => `"${name}": ${JSON.stringify(value)}`,
  );
  return `    { ${fields.join(', ')} }`;
}
