import { printCsv } from '../../../../latency/formats/csv.ts';

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function saveCsv(name: string, records: readonly (readonly string[])[]): void {
  saveFile(`${fileName(name)}.csv`, new Blob([printCsv(records)], { type: 'text/csv' }));
}

/** `r1 front` as `r1-front`. */
export function fileName(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-');
}
