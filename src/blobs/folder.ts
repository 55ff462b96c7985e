import { randomUUID } from 'node:crypto';
import { access, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BlobName, type BlobStore, inStore } from './blob-store.ts';

/** A folder that all machines have mounted, or all processes of one machine see. */
export function folderStore(folder: string, url: string): BlobStore {
  const pathOf = (name: BlobName): string => join(folder, name);
  const reach = <Result>(name: BlobName, work: () => Promise<Result>): Promise<Result> =>
    inStore({ url, expected: 'a folder in which this user may write' }, name, work);
  const isThere = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      (error) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
  /** Beside its place first: another machine sees all of it or nothing. */
  const place = async (from: string, to: string): Promise<void> => {
    const arriving = `${to}.${randomUUID()}`;
    try {
      await copyFile(from, arriving);
      await rename(arriving, to);
    } finally {
      await rm(arriving, { force: true });
    }
  };
  return {
    url,
    has: (name) => reach(name, () => isThere(pathOf(name))),
    put: (name, path) =>
      reach(name, async () => {
        await mkdir(dirname(pathOf(name)), { recursive: true });
        await place(path, pathOf(name));
      }),
    get: (name, path) =>
      reach(name, async () => {
        if (!(await isThere(pathOf(name)))) return false;
        await place(pathOf(name), path);
        return true;
      }),
    remove: (name) => reach(name, () => rm(pathOf(name), { force: true })),
  };
}
