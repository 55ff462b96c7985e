import { mkdir, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSealedFolder, sealFolder } from '../../src/datasets/sealed-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const fill = (content: string) => async (folder: string) => {
  await writeFile(join(folder, 'read'), content);
  await writeFile(join(folder, 'unread'), content);
};

test('what was sealed is read back, and nothing else is left', async () => {
  const parent = temporaryFolder();
  const folder = join(parent, 'deep', 'images');
  expect(await readSealedFolder(folder, ['read'])).toEqual({ state: 'missing' });
  await sealFolder(folder, fill('pixels'));
  expect(await readSealedFolder(folder, ['read'])).toEqual({
    state: 'whole',
    files: { read: Buffer.from('pixels') },
  });
  expect(await readdir(join(parent, 'deep'))).toEqual(['images']);
});

test.each([
  [
    'a truncated file',
    (folder: string) => truncate(join(folder, 'read'), 3),
    'read has 3 bytes instead of 6',
  ],
  [
    'a truncated file that is not read',
    (folder: string) => truncate(join(folder, 'unread'), 0),
    'unread has 0',
  ],
  [
    'a changed byte',
    (folder: string) => writeFile(join(folder, 'read'), 'pixelz'),
    'read has not the SHA-256',
  ],
  ['a missing file', (folder: string) => rm(join(folder, 'unread')), 'ENOENT'],
  ['a broken manifest', (folder: string) => truncate(join(folder, 'manifest.json'), 9), 'JSON'],
])('%s is noticed', async (_, damage, reason) => {
  const folder = join(temporaryFolder(), 'images');
  await sealFolder(folder, fill('pixels'));
  await damage(folder);
  const found = await readSealedFolder(folder, ['read']);
  expect(found).toEqual({ state: 'damaged', reason: expect.stringContaining(reason) });
});

test('of several that fill at once one wins, whole', async () => {
  const parent = temporaryFolder();
  const folder = join(parent, 'images');
  await Promise.all(['one', 'two', 'three'].map((content) => sealFolder(folder, fill(content))));
  expect(await readSealedFolder(folder, ['read', 'unread'])).toMatchObject({ state: 'whole' });
  expect(await readdir(parent)).toEqual(['images']);
});

test('a failure while filling leaves nothing', async () => {
  const parent = temporaryFolder();
  const failing = sealFolder(join(parent, 'images'), async (folder) => {
    await writeFile(join(folder, 'read'), 'half');
    throw new Error('stopped');
  });
  await expect(failing).rejects.toThrow('stopped');
  expect(await readdir(parent)).toEqual([]);
});

test('what a killed process left is removed after a day, not before', async () => {
  const parent = temporaryFolder();
  const [old, recent] = [join(parent, 'images.partial-old'), join(parent, 'images.partial-recent')];
  await mkdir(old);
  await mkdir(recent);
  await utimes(old, 0, 0);
  await sealFolder(join(parent, 'images'), fill('pixels'));
  expect((await readdir(parent)).toSorted()).toEqual(['images', 'images.partial-recent']);
});

test('a place that cannot be written is an error that names NAS_CACHE', async () => {
  const parent = temporaryFolder();
  await writeFile(join(parent, 'file'), '');
  await expect(sealFolder(join(parent, 'file', 'images'), fill(''))).rejects.toMatchObject({
    name: 'NasError',
    next: expect.stringContaining('NAS_CACHE'),
  });
});
