import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { fetchNpmTarball, type NpmPackage } from '../../src/datasets/npm-tarball.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CONTENT = 'the tarball';
const integrity = `sha512-${createHash('sha512').update(CONTENT).digest('base64')}` as const;
const pinned: NpmPackage = { name: 'sheets', version: '1.0.0', integrity, tarballBytes: 100 };

/** Puts a program called npm first in the path. */
async function npmIs(script: string): Promise<void> {
  const bin = temporaryFolder();
  await writeFile(join(bin, 'npm'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'npm'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
}
afterEach(() => void vi.unstubAllEnvs());

/** Reads the two folders that npm is given. */
const OPTIONS = `
while [ $# -gt 0 ]; do
  case "$1" in --pack-destination) folder="$2";; --cache) cache="$2";; esac
  shift
done`;
const silent = { report: () => {}, signal: undefined };

test('npm packs into the folder, and the bytes in its cache are the progress', async () => {
  await npmIs(`${OPTIONS}
    mkdir -p "$cache/content"; head -c 40 /dev/zero > "$cache/content/part"; sleep 0.8
    printf '${CONTENT}' > "$folder/sheets-1.0.0.tgz"`);
  const folder = temporaryFolder();
  const fractions = new Set<number>();
  const report = (step: string, fraction: number) => {
    expect(step).toBe('downloading sheets@1.0.0');
    fractions.add(fraction);
  };
  expect(await fetchNpmTarball(pinned, folder, { ...silent, report })).toBe(join(folder, 'sheets-1.0.0.tgz'));
  expect(fractions).toContain(0.4);
});

test('another content than the pinned one is refused', async () => {
  await npmIs(`${OPTIONS}\nprintf 'something else' > "$folder/sheets-1.0.0.tgz"`);
  await expect(fetchNpmTarball(pinned, temporaryFolder(), silent)).rejects.toThrow(
    /sheets@1\.0\.0: the registry delivered a package with integrity sha512-.*; expected sha512-/,
  );
});

test('what npm says of a failure is passed on, with a way out', async () => {
  await npmIs(`printf '{"error": {"code": "E404", "summary": "404 Not Found"}}'; exit 1`);
  await expect(fetchNpmTarball(pinned, temporaryFolder(), silent)).rejects.toMatchObject({
    message: 'sheets@1.0.0: npm could not fetch it: 404 Not Found',
    next: expect.stringContaining('--dataset folder:PATH'),
  });
  await npmIs('echo "npm error unknown option" >&2; exit 1');
  await expect(fetchNpmTarball(pinned, temporaryFolder(), silent)).rejects.toThrow(
    'npm could not fetch it: npm error unknown option',
  );
});

test('a machine without npm is told so', async () => {
  const empty = join(temporaryFolder(), 'bin');
  await mkdir(empty);
  vi.stubEnv('PATH', empty);
  await expect(fetchNpmTarball(pinned, temporaryFolder(), silent)).rejects.toThrow('npm cannot be started');
});

test('an abort ends npm before it returns', async () => {
  const folder = temporaryFolder();
  await npmIs(`${OPTIONS}\ntouch "$folder/started"; exec sleep 60`);
  const abort = new AbortController();
  const fetching = fetchNpmTarball(pinned, folder, { ...silent, signal: abort.signal });
  await vi.waitFor(async () => expect(await readdir(folder)).toContain('started'), 5000);
  abort.abort(new Error('enough'));
  await expect(fetching).rejects.toThrow('enough');
});
