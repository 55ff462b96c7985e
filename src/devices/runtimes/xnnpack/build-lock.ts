import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NasError } from '../../../base/errors.ts';

/** Does work in a folder that no other process works in meanwhile. */
export async function withLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = join(folder, 'lock');
  const take = (): Promise<boolean> =>
    writeFile(lock, String(process.pid), { flag: 'wx' }).then(
      () => true,
      () => false,
    );
  if (!(await take())) {
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (isRunning(owner)) {
      throw new NasError(folder, {
        found: `process ${owner} is building there`,
        next: `wait for it; if it is no nas, remove ${lock}`,
      });
    }
    await rm(lock, { force: true });
    if (!(await take())) throw new NasError(folder, { found: 'the lock cannot be taken' });
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
