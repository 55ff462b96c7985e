import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlobName, BlobStore } from '../../src/blobs/blob-store.ts';
import { getByDigest, putByDigest } from '../../src/blobs/by-digest.ts';
import { openBlobStore } from '../../src/blobs/open-blob-store.ts';

const NAME: BlobName = `checkpoints/${'a'.repeat(64)}`;
const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');

let root: string;
let server: S3rver;
/** Of the bucket: where nothing listens. */
let endpoint: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "nas blobs' "));
  server = new S3rver({
    ...{ port: 0, address: '127.0.0.1', silent: true, directory: join(root, 's3') },
    configureBuckets: [{ name: 'shelf' }],
  });
  endpoint = `http://127.0.0.1:${(await server.run()).port}`;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' });
});
afterAll(async () => {
  await server?.close();
  rmSync(root, { recursive: true, force: true });
});

describe.each([
  ['folder', () => join(root, 'folder')],
  ['bucket', () => `s3://shelf/some/where?endpoint=${endpoint}`],
])('a store in a %s', (kind, url) => {
  let store: BlobStore;
  let mine: string;
  const fileOf = (name: string, content: Uint8Array | string): string => {
    writeFileSync(join(mine, name), content);
    return join(mine, name);
  };
  beforeAll(async () => {
    store = await openBlobStore(url());
    mine = join(root, `of ${kind}`);
    mkdirSync(mine);
  });

  test('gives what was put there, in the place of what was there before, until it is removed', async () => {
    const to = join(mine, 'back');
    expect([await store.has(NAME), await store.get(NAME, to)]).toEqual([false, false]);
    expect(existsSync(to)).toBe(false);
    for (const content of ['first', '', 'x'.repeat(3_000_000)]) {
      await store.put(NAME, fileOf('it', content));
      expect(await store.has(NAME)).toBe(true);
      expect(await store.get(NAME, to)).toBe(true);
      expect(readFileSync(to, 'utf8')).toBe(content);
    }
    await store.remove(NAME);
    await store.remove(NAME);
    expect(await store.has(NAME)).toBe(false);
  });

  test('keeps files by their content, and fetches each once', async () => {
    const content = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) % 251);
    const digest = await putByDigest(store, fileOf('weights', content));
    expect(digest).toBe(sha256(content));
    expect(await putByDigest(store, join(mine, 'weights'))).toBe(digest);
    const cache = join(mine, 'a', 'cache');
    const path = await getByDigest(store, digest, cache, '.safetensors');
    expect(readFileSync(path)).toEqual(Buffer.from(content));
    await store.remove(`blobs/${digest}`);
    expect(await getByDigest(store, digest, cache, '.safetensors')).toBe(path);
    expect(readdirSync(cache)).toEqual([`${digest}.safetensors`]);
  });

  test('refuses what is not there, and what is not what its name says', async () => {
    const digest = sha256('gone');
    const fetched = (): Promise<string> => getByDigest(store, digest, join(mine, 'other'), '');
    await expect(fetched()).rejects.toMatchObject({ name: 'NasError', found: `no blobs/${digest}` });
    await store.put(`blobs/${digest}`, fileOf('forged', 'another'));
    await expect(fetched()).rejects.toMatchObject({
      name: 'NasError',
      found: expect.stringContaining(sha256('another')),
    });
    expect(readdirSync(join(mine, 'other'))).toEqual([]);
  });

  test.each(['blobs/../../etc', 'blobs/x', `blobs/${'a'.repeat(64)}/..`, `other/${'a'.repeat(64)}`])(
    'has nothing under the name %s',
    async (name) => {
      await expect(store.has(name as BlobName)).rejects.toMatchObject({ found: `the name ${name}` });
    },
  );
});

test.each<[string, string]>([
  ['a bucket that is not there', 's3://nowhere?endpoint='],
  ['a file in the place of the folder', ''],
])('%s is named', async (_, url) => {
  writeFileSync(join(root, 'file'), '');
  const store = await openBlobStore(url === '' ? join(root, 'file') : `${url}${endpoint}`);
  await expect(store.put(NAME, join(root, 'file'))).rejects.toMatchObject({
    name: 'NasError',
    where: store.url,
    found: expect.stringContaining('cannot be used'),
  });
});

test.each(['http://host/x', 's3:', 'file://host/x', 'ftp://x'])('%s is no store', async (text) => {
  await expect(openBlobStore(text)).rejects.toMatchObject({ name: 'NasError', where: '--shared' });
});
