import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NasError } from '../../../base/errors.ts';
import { aptMirrors } from './apt-mirrors.ts';
import { runChild } from './child.ts';
import { digestOfFile, hasDigest } from './digest-file.ts';
import { download } from './download.ts';
import { digestOfFolder } from './folder-digest.ts';
import type { PinnedArchive, PinnedSource } from './pinned-sources.ts';
import type { BuildWatch } from './watch.ts';

/** A source on this machine. */
export interface ObtainedSource {
  readonly name: string;
  readonly version: string;
  /** Of the archive, or of everything in the folder. */
  readonly digest: string;
  readonly at: { readonly archive: string } | { readonly folder: string };
}

export interface SourcePlaces {
  /** Given by the user: archives, or folders of unpacked sources by name. */
  readonly given?: string | undefined;
  /** Where archives are kept. */
  readonly cache: string;
  /** Debian archives; those that apt is configured with unless given. */
  readonly mirrors?: readonly string[];
}

/** Debian keeps these in `main`; Ubuntu in `universe`. */
const COMPONENTS = ['main', 'universe'];

/**
 * Finds every source: in the folder the user gives, in the cache, on the mirror that apt is configured with, at
 * upstream; the first that has it. Everything but the user's unpacked folders is checked against its digest.
 */
export async function obtainSources(
  pinned: readonly PinnedSource[],
  places: SourcePlaces,
  watch: BuildWatch,
): Promise<readonly ObtainedSource[]> {
  const given = places.given === undefined ? new Map<string, string>() : await archivesIn(places.given);
  const mirrors = places.mirrors ?? (await aptMirrors());
  const proxy = places.mirrors === undefined ? await aptProxy() : undefined;
  const sources: ObtainedSource[] = [];
  for (const source of pinned) {
    const found =
      (await givenSource(source, places.given, given)) ??
      (await cachedSource(source, places.cache)) ??
      (await fetchedSource(source, places.cache, mirrors, proxy, watch));
    sources.push(found);
  }
  return sources;
}

/** Digest to path of what looks like an archive, whatever its name. */
async function archivesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new NasError(folder, { found: 'it cannot be read', expected: 'a folder of sources', cause: error });
  });
  const found = new Map<string, string>();
  for (const name of names.filter((each) => /\.(tar\.\w+|tgz|zip)$/.test(each))) {
    const path = join(folder, name);
    for (const algorithm of ['sha256', 'sha512'] as const) {
      found.set(`${algorithm}:${await digestOfFile(path, algorithm)}`, path);
    }
  }
  return found;
}

async function givenSource(
  source: PinnedSource,
  folder: string | undefined,
  archives: ReadonlyMap<string, string>,
): Promise<ObtainedSource | undefined> {
  if (folder === undefined) return undefined;
  const unpacked = join(folder, source.name);
  if (await isFolder(unpacked)) {
    const digest = await digestOfFolder(unpacked);
    return { name: source.name, version: 'given', digest: `folder:${digest}`, at: { folder: unpacked } };
  }
  for (const archive of source.archives) {
    const path = archives.get(archive.digest);
    if (path !== undefined) return obtained(source, archive, path);
  }
  const [first] = source.archives;
  throw new NasError(folder, {
    found: `no folder ${source.name}, and no archive that has the pinned content`,
    expected: `a folder ${source.name}, or ${first === undefined ? source.name : `${fileName(first)} (${first.digest})`}`,
    next: 'add it, or leave --sources out to have it fetched',
  });
}

async function cachedSource(source: PinnedSource, cache: string): Promise<ObtainedSource | undefined> {
  for (const archive of source.archives) {
    const path = join(cache, fileName(archive));
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (isThere && (await hasDigest(path, archive.digest))) return obtained(source, archive, path);
  }
  return undefined;
}

async function fetchedSource(
  source: PinnedSource,
  cache: string,
  mirrors: readonly string[],
  proxy: string | undefined,
  watch: BuildWatch,
): Promise<ObtainedSource> {
  const reasons: string[] = [];
  for (const archive of source.archives) {
    const path = join(cache, fileName(archive));
    for (const { url, through } of addressesOf(archive, mirrors, proxy)) {
      const reason = await download({ url, digest: archive.digest, proxy: through }, path, watch);
      if (reason === undefined) return obtained(source, archive, path);
      reasons.push(`${url}: ${reason}`);
    }
  }
  const names = source.archives.map((archive) => `${fileName(archive)} (${archive.digest})`);
  throw new NasError(`${source.name} sources`, {
    found: `none of ${reasons.length} places has them: ${reasons.join('; ')}`,
    next: `put one of these into a folder and run nas runner build --sources FOLDER: ${[...new Set(names)].join(', ')}`,
  });
}

interface Address {
  readonly url: string;
  readonly through?: string | undefined;
}

function addressesOf(
  { from }: PinnedArchive,
  mirrors: readonly string[],
  proxy: string | undefined,
): readonly Address[] {
  if ('url' in from) return [{ url: from.url }];
  const path = from.pool.split('/').map(encodeURIComponent).join('/').replaceAll('~', '%7e');
  return mirrors.flatMap((mirror) =>
    COMPONENTS.map((component) => ({ url: `${mirror}/pool/${component}/${path}`, through: proxy })),
  );
}

/** The proxy that apt goes through, if it has one of its own. */
async function aptProxy(): Promise<string | undefined> {
  const { output } = await runChild('apt-config', ['shell', 'proxy', 'Acquire::http::Proxy']);
  const proxy = /^proxy='(.+)'$/m.exec(output)?.[1];
  return proxy === 'DIRECT' ? undefined : proxy;
}

function obtained(
  { name }: PinnedSource,
  { version, digest }: PinnedArchive,
  archive: string,
): ObtainedSource {
  return { name, version, digest, at: { archive } };
}

/** Unique among all pinned archives, whose upstreams name theirs alike. */
function fileName({ from, digest }: PinnedArchive): string {
  return 'pool' in from ? basename(from.pool) : `${digest.slice(7, 19)}-${basename(from.url)}`;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
