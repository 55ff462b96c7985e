import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NasError } from '../base/errors.ts';
import type { Watch } from './image-pool.ts';
import { hashFile } from './sealed-folder.ts';

/** A published package, pinned. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** As `npm view <name>@<version> dist.integrity` prints it. */
  readonly integrity: `sha512-${string}`;
  readonly tarballBytes: number;
}

const POLL_MS = 250;

/**
 * Fetches a package's tarball into a folder and returns its path.
 * The npm client does it, because it knows the user's registry, proxy and credentials. It gets a cache of
 * its own inside the folder, where the bytes that have arrived can be counted and are gone with the folder.
 */
export async function fetchNpmTarball(pinned: NpmPackage, folder: string, watch: Watch): Promise<string> {
  const spec = `${pinned.name}@${pinned.version}`;
  const cache = join(folder, 'npm-cache');
  // With npm's own two retries a machine without network would hear so only after 70 s; with one, after 10 s.
  const options = ['--json', '--ignore-scripts', '--loglevel', 'error', '--fetch-retries', '1'];
  const poll = setInterval(async () => {
    const arrived = await bytesIn(cache);
    watch.report(`downloading ${spec}`, Math.min(1, arrived / pinned.tarballBytes));
  }, POLL_MS);
  try {
    await runNpm(
      ['pack', spec, ...options, '--pack-destination', folder, '--cache', cache],
      spec,
      watch.signal,
    );
  } finally {
    clearInterval(poll);
  }
  const tarball = join(folder, `${pinned.name}-${pinned.version}.tgz`);
  const integrity = `sha512-${await hashFile(tarball, 'sha512', 'base64')}`;
  if (integrity !== pinned.integrity) {
    throw new NasError(spec, {
      found: `the registry delivered a package with integrity ${integrity}`,
      expected: pinned.integrity,
      next: `${NPM_REGISTRY_HINT}; it serves another file under this name`,
    });
  }
  return tarball;
}

const NPM_REGISTRY_HINT = 'check which registry npm uses (npm config get registry)';

async function runNpm(args: readonly string[], spec: string, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const npm = spawn('npm', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => npm.kill();
  signal?.addEventListener('abort', stop);
  let output = '';
  let complaint = '';
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  npm.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  // Settles only when npm is gone, so that nothing writes into the folder while it is being removed.
  const failure = await new Promise<string | undefined>((resolve) => {
    npm.on('error', (error) => resolve(`npm cannot be started (${error.message})`));
    npm.on('close', (code, killedBy) => {
      const reason = killedBy === null ? reasonOf(output, complaint) : `it was ended by ${killedBy}`;
      resolve(code === 0 ? undefined : `npm could not fetch it: ${reason}`);
    });
  });
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (failure !== undefined) {
    throw new NasError(spec, {
      found: failure,
      next: `check the network, ${NPM_REGISTRY_HINT}, or use images of your own: --dataset folder:PATH`,
    });
  }
}

/** Why npm failed: with --json it says so in one field, otherwise in the first lines of its complaint. */
function reasonOf(output: string, complaint: string): string {
  try {
    return String(JSON.parse(output).error.summary);
  } catch {
    return complaint.split('\n').slice(0, 3).join(' ').trim() || 'it gave no reason';
  }
}

/** Files come and go while npm works, so what has vanished counts as nothing. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
