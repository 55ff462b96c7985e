import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { NasError } from '../../../base/errors.ts';
import { runChild } from './child.ts';
import { hasDigest } from './digest-file.ts';
import type { BuildWatch } from './watch.ts';

export interface Download {
  readonly url: string;
  readonly digest: string;
  /** The proxy to use instead of the one in the environment. */
  readonly proxy?: string | undefined;
}

const POLL_MS = 500;

/**
 * Fetches a file of known content; what arrives with another is thrown away. Returns why it could not be had,
 * or undefined where `path` now has it. curl does it, because it knows the user's proxies and certificates.
 */
export async function download(
  { url, digest, proxy }: Download,
  path: string,
  { report, signal }: BuildWatch,
): Promise<string | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial-${process.pid}`;
  const name = basename(path);
  report(`fetching ${name}`);
  const poll = setInterval(async () => {
    const arrived = await stat(partial).catch(() => undefined);
    if (arrived !== undefined) report(`fetching ${name} (${(arrived.size / 1e6).toFixed(1)} MB)`);
  }, POLL_MS);
  try {
    const { code, tail } = await runChild(
      'curl',
      [
        ...['--fail', '--silent', '--show-error', '--location', '--globoff', '--connect-timeout', '15'],
        ...['--speed-time', '60', '--speed-limit', '1', '--max-filesize', '200000000'],
        ...(proxy === undefined ? [] : ['--proxy', proxy]),
        ...['--output', partial, url],
      ],
      { signal },
    );
    if (code === undefined) {
      throw new NasError('curl', {
        found: `cannot be run (${tail.at(-1) ?? 'no reason given'})`,
        next: 'install curl (apt install curl), or give a folder with the archives: nas runner build --sources FOLDER',
      });
    }
    if (code !== 0) return tail.at(-1) ?? `curl ended with ${code}`;
    if (!(await hasDigest(partial, digest))) return `has another content than the pinned ${digest}`;
    await rename(partial, path);
    return undefined;
  } finally {
    clearInterval(poll);
    await rm(partial, { force: true });
  }
}
