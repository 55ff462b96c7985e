import { messageOf, NasError } from '../base/errors.ts';

/**
 * Files that several machines reach, by name.
 * Guarantees: a file is there whole or not at all, whoever is killed meanwhile; `put` in the place of another replaces it;
 * names are `kind/` and 64 hexadecimal digits, and nothing outside the store is read or written. What cannot be reached
 * rejects with a NasError that names the store.
 */
export interface BlobStore {
  /** As a person gave it. */
  readonly url: string;
  has(name: BlobName): Promise<boolean>;
  /** Stores the file at a path. */
  put(name: BlobName, path: string): Promise<void>;
  /** Writes it to a path, whose folder is there; false where there is none of that name. */
  get(name: BlobName, path: string): Promise<boolean>;
  /** Nothing where there is none. */
  remove(name: BlobName): Promise<void>;
}

/** Such as `blobs/…`, by the SHA-256 of its content, or `checkpoints/…`, by what it belongs to. */
export type BlobName = `${'blobs' | 'checkpoints'}/${string}`;

/** Does something in a store, under a name of a blob; what goes wrong becomes a NasError. */
export async function inStore<Result>(
  { url, expected }: { readonly url: string; readonly expected: string },
  name: BlobName,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!/^(blobs|checkpoints)\/[0-9a-f]{64}$/.test(name)) {
    throw new NasError(url, {
      found: `the name ${name}`,
      expected: 'blobs/ or checkpoints/ and 64 hexadecimal digits',
    });
  }
  try {
    return await work();
  } catch (cause) {
    throw new NasError(url, { found: `cannot be used (${messageOf(cause)})`, expected, cause });
  }
}
