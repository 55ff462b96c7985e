import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NasError } from '../base/errors.ts';
import type { BlobStore } from './blob-store.ts';
import { folderStore } from './folder.ts';

/**
 * The store at `file:///mnt/nas`, at a path, or at `s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]`. Nothing is reached
 * yet. Throws a NasError for what is none of these.
 */
export async function openBlobStore(text: string): Promise<BlobStore> {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(text)) return folderStore(resolve(text), text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'file:' && url.host === '') return folderStore(fileURLToPath(url), text);
  if (url?.protocol === 's3:' && url.host !== '') {
    // Its SDK is large, and most never need it.
    const { bucketStore } = await import('./bucket.ts');
    return bucketStore(
      {
        bucket: url.host,
        prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
        endpoint: url.searchParams.get('endpoint') ?? undefined,
        region: url.searchParams.get('region') ?? undefined,
      },
      text,
    );
  }
  throw new NasError('--shared', {
    found: text,
    expected: 'a folder, file:///PATH or s3://BUCKET/PREFIX, optionally with ?endpoint=URL&region=NAME',
  });
}
