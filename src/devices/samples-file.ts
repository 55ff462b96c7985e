import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sample } from './measuring/sample.ts';

/** Beside the table: `<runtime>.samples.jsonl`. */
export function samplesPath(tablePath: string): string {
  return tablePath.replace(/\.json$/, '.samples.jsonl');
}

/**
 * Appends one line a kernel to a file: {signature, samples: [{elapsedMs, sentinelMs, disturbance}, …]}. A sample is
 * one run of all copies of the kernel that the runtime put into it.
 */
export function appendSamples(path: string): (signature: string, samples: readonly Sample[]) => void {
  return (signature, samples) => {
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${JSON.stringify({ signature, samples })}\n`);
  };
}
