import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { messageOf, NasError } from '../base/errors.ts';
import type { SourceFile } from '../latency/formats/format.ts';

/** A file to import, with the digest of its bytes. */
export interface ImportFile extends SourceFile {
  readonly sha256: string;
}

/** Published tables have less than a tenth of this. */
const LARGEST_BYTES = 8 * 2 ** 20;

/** Reads a file whole, if it is one and not too large. */
export function readImportFile(path: string): ImportFile {
  const refuse = (found: string, cause?: unknown): never => {
    throw new NasError(path, { found, expected: `a file of at most ${LARGEST_BYTES / 2 ** 20} MiB`, cause });
  };
  try {
    const stat = statSync(path);
    if (!stat.isFile()) refuse('no file');
    if (stat.size > LARGEST_BYTES) refuse(`${(stat.size / 2 ** 20).toFixed(1)} MiB`);
    const bytes = readFileSync(path);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { where: path, text: bytes.toString('utf8'), sha256 };
  } catch (error) {
    if (error instanceof NasError) throw error;
    return refuse(`cannot be read (${messageOf(error)})`, error);
  }
}
