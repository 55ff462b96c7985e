import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The worker's Python, in a checkout or a package: the compiled TypeScript lies as deep in `dist` as this in `src`. */
export const WORKER_CODE = fileURLToPath(new URL('../../../src/trainers/pytorch/worker', import.meta.url));

/** SHA-256 over the names and contents of the Python files: other code may give other accuracies. */
export function workerDigest(): string {
  const hash = createHash('sha256');
  const files = readdirSync(WORKER_CODE, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.py')).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(WORKER_CODE, file)))
      .update('\0');
  }
  return hash.digest('hex');
}
