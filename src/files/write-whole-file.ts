import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

/**
 * Writes a file so that it is whole or as it was, whenever the machine stops or its disk is full: beside its place first, to
 * the disk, then there. Owner and permissions stay; where the place is a link, what it leads to is replaced. Throws
 * what Node throws.
 *
 * Not write-file-atomic: it calls write(2) once, and that writes less than it was given where the disk fills up, and never
 * more than 2 GiB. What was cut off then replaced the good file, and nobody was told.
 */
export function writeWholeFile(path: string, content: string | Uint8Array): void {
  const place = targetOf(path);
  const before = statSync(place, { throwIfNoEntry: false });
  const temporary = `${place}.partial-${randomUUID()}`;
  try {
    const file = openSync(temporary, 'wx', before?.mode ?? 0o666);
    try {
      writeAll(file, typeof content === 'string' ? Buffer.from(content) : content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (before !== undefined) keepOwner(temporary, before);
    renameSync(temporary, place);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet.
    return path;
  }
}

function keepOwner(path: string, { mode, uid, gid }: { mode: number; uid: number; gid: number }): void {
  try {
    chownSync(path, uid, gid);
    chmodSync(path, mode);
  } catch (error) {
    // Only the superuser may give files away; some file systems have no owners.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'EINVAL' && code !== 'ENOSYS') throw error;
  }
}
