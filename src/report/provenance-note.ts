import { importOriginOf, type TableProvenance } from '../latency/table.ts';

/** `litert 2.5.3`, or the name alone where no version is known. */
export function runtimeNote({
  runtime,
  runtimeVersion,
}: Pick<TableProvenance, 'runtime' | 'runtimeVersion'>): string {
  return runtimeVersion === null ? runtime : `${runtime} ${runtimeVersion}`;
}

/** How a table came to be: `measured 2026-01-01T…`, `imported from pixel.yaml (proxylessnas, means)`. */
export function originNote(provenance: TableProvenance): string {
  const origin = importOriginOf(provenance);
  if (origin === undefined) return `measured ${provenance.measuredAt}`;
  const files = origin.files.map(({ name }) => name).join(', ');
  return `imported from ${files} (${origin.format}, ${origin.statistic}s)`;
}
