import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { type BlobName, type BlobStore, inStore } from './blob-store.ts';

export interface Bucket {
  readonly bucket: string;
  /** Before all names, without slashes at its ends; may be empty. */
  readonly prefix: string;
  /** Of a store that speaks S3 and is not Amazon's. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
}

/** A bucket of S3, or of a store that speaks it. Who we are is found as AWS's tools find it: environment, profile, role. */
export function bucketStore({ bucket, prefix, endpoint, region }: Bucket, url: string): BlobStore {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const client = new S3Client({
    // Without any the SDK refuses, though stores other than Amazon's have none.
    region: region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1',
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    // Checksums in trailers are not known everywhere; contents are checked by their SHA-256 anyway.
    ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
  });
  const at = (name: BlobName) => ({ Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` });
  const reach = <Result>(name: BlobName, work: () => Promise<Result>): Promise<Result> =>
    inStore({ url, expected: 'a bucket that these credentials may read and write' }, name, work);
  return {
    url,
    has: (name) =>
      reach(name, async () => {
        try {
          await client.send(new HeadObjectCommand(at(name)));
          return true;
        } catch (error) {
          if (isMissing(error)) return false;
          throw error;
        }
      }),
    put: (name, path) =>
      reach(name, async () => {
        const { size: ContentLength } = await stat(path);
        await client.send(new PutObjectCommand({ ...at(name), Body: createReadStream(path), ContentLength }));
      }),
    get: (name, path) =>
      reach(name, async () => {
        try {
          const { Body } = await client.send(new GetObjectCommand(at(name)));
          await pipeline(Body as Readable, createWriteStream(path));
          return true;
        } catch (error) {
          await rm(path, { force: true });
          if (isMissing(error)) return false;
          throw error;
        }
      }),
    remove: (name) => reach(name, async () => void (await client.send(new DeleteObjectCommand(at(name))))),
  };
}

/** Of the object, not of its bucket. */
function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && ['NotFound', 'NoSuchKey'].includes(error.name);
}
