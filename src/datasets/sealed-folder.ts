import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import { messageOf, NasError } from '../base/errors.ts';

const MANIFEST = 'manifest.json';
const PARTIAL = '.partial-';
const DAY_MS = 86_400_000;
const manifestSchema = z.object({
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })),
});

/** What lies at the place of a sealed folder. */
export type SealedFolder<Name extends string> =
  | { readonly state: 'missing' }
  | { readonly state: 'damaged'; readonly reason: string }
  | { readonly state: 'whole'; readonly files: Readonly<Record<Name, Buffer>> };

/**
 * Reads files of a folder that `sealFolder` made. Of every file the size is checked, of those read also
 * the SHA-256, so that a truncated copy or a bad disk is never taken for images.
 */
export async function readSealedFolder<Name extends string>(
  folder: string,
  names: readonly Name[],
): Promise<SealedFolder<Name>> {
  const files: Partial<Record<Name, Buffer>> = {};
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
    for (const [name, { bytes }] of Object.entries(manifest.files)) {
      const { size } = await stat(join(folder, name));
      if (size !== bytes)
        return { state: 'damaged', reason: `${name} has ${size} bytes instead of ${bytes}` };
    }
    for (const name of names) {
      const content = await readFile(join(folder, name));
      if (createHash('sha256').update(content).digest('hex') !== manifest.files[name]?.sha256) {
        return { state: 'damaged', reason: `${name} has not the SHA-256 it was written with` };
      }
      files[name] = content;
    }
  } catch (error) {
    if (!(await exists(folder))) return { state: 'missing' };
    return { state: 'damaged', reason: messageOf(error) };
  }
  return { state: 'whole', files: files as Record<Name, Buffer> };
}

/**
 * Makes a folder appear at once, complete and with a manifest of its files, or not at all.
 * `fill` works in a folder of its own beside the place, so several processes may do this at the same time:
 * the first to finish wins and the others' work is thrown away.
 */
export async function sealFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  let temporary: string | undefined;
  try {
    await mkdir(dirname(folder), { recursive: true });
    await removeAbandoned(folder);
    temporary = await mkdtemp(`${folder}${PARTIAL}`);
    await fill(temporary);
    const files: Record<string, { bytes: number; sha256: string }> = {};
    for (const name of await readdir(temporary)) {
      const path = join(temporary, name);
      files[name] = { bytes: (await stat(path)).size, sha256: await hashFile(path, 'sha256', 'hex') };
    }
    await writeFile(join(temporary, MANIFEST), `${JSON.stringify({ files }, null, 2)}\n`);
    await publish(temporary, folder);
  } catch (error) {
    if (codeOf(error) === undefined || error instanceof NasError) throw error;
    throw new NasError(folder, {
      found: `cannot be written (${messageOf(error)})`,
      next: `free disk space, or set NAS_CACHE to a folder with room for ${basename(folder)}`,
      cause: error,
    });
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

/** Where another process has published before, its folder stays. */
async function publish(temporary: string, folder: string): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Removes what processes left that were killed while filling, once it is too old to be still in the making. */
async function removeAbandoned(folder: string): Promise<void> {
  const now = Date.parse(systemClock.timestamp());
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}${PARTIAL}`)) continue;
    const path = join(dirname(folder), name);
    const age = await stat(path)
      .then(({ mtimeMs }) => now - mtimeMs)
      .catch(() => 0);
    if (age > DAY_MS) await rm(path, { recursive: true, force: true });
  }
}

/** The digest of a file's content, without holding the file in memory. */
export async function hashFile(
  path: string,
  algorithm: 'sha256' | 'sha512',
  encoding: 'hex' | 'base64',
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest(encoding);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The system's code, such as ENOSPC, of an error of the file system. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && 'syscall' in error && 'code' in error ? error.code : undefined;
}
