import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf, NasError } from '../base/errors.ts';
import type { BlobStore } from './blob-store.ts';

/** Stores a file under the SHA-256 of its content, once, and gives that. */
export async function putByDigest(store: BlobStore, path: string): Promise<string> {
  const digest = await digestOfFile(path);
  const name = `blobs/${digest}` as const;
  if (!(await store.has(name))) await store.put(name, path);
  return digest;
}

/**
 * The path of the file with a SHA-256 in a folder, where it is brought from the store if it is not there. Rejects with a
 * NasError where the store does not have it, or has something else under its name.
 */
export async function getByDigest(
  store: BlobStore,
  digest: string,
  folder: string,
  extension: string,
): Promise<string> {
  const path = join(folder, `${digest}${extension}`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const arriving = `${path}.${process.pid}`;
  try {
    if (!(await store.get(`blobs/${digest}`, arriving))) {
      throw new NasError(store.url, { found: `no blobs/${digest}`, expected: 'what was put there before' });
    }
    const arrived = await digestOfFile(arriving);
    if (arrived !== digest) {
      throw new NasError(store.url, {
        found: `blobs/${digest} with the content of ${arrived}`,
        expected: 'the content that it is named after',
        next: 'remove it there, and run the command again',
      });
    }
    await rename(arriving, path);
    return path;
  } finally {
    await rm(arriving, { force: true });
  }
}

/** SHA-256 of a file, which may be large. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new NasError(path, { found: `cannot be read (${messageOf(cause)})`, expected: 'a file', cause });
  }
  return hash.digest('hex');
}
