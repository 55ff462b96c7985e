import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../../base/digest.ts';
import { NasError } from '../../../base/errors.ts';
import { withLock } from './build-lock.ts';
import { runChild } from './child.ts';
import { type ObtainedSource, obtainSources } from './obtain-sources.ts';
import { PINNED_SOURCES } from './pinned-sources.ts';
import { type RunnerCode, runnerCode } from './runner-code.ts';
import { type BuiltRunner, findRunner, storeRunner } from './runner-store.ts';
import { findToolchain, type Target, type Toolchain } from './targets.ts';
import type { BuildWatch } from './watch.ts';

export interface BuildOptions {
  readonly target: Target;
  readonly cache: string;
  /** A folder with the sources, as archives or unpacked. */
  readonly sources?: string | undefined;
  /** Compilers at the same time. */
  readonly jobs: number;
}

const DIGEST_DIGITS = 16;
/** Of the digest, in the version that the runner tells. */
const VERSION_DIGITS = 8;

/**
 * Builds the runner, or finds that it has been built from exactly this before. The object files are kept, one
 * folder for all runners of the same sources and target, so that a change of the runner's own code takes seconds.
 */
export async function buildRunner(
  { target, cache, sources: given, jobs }: BuildOptions,
  watch: BuildWatch,
): Promise<BuiltRunner & { readonly reused: boolean }> {
  const toolchain = await findToolchain(target);
  const code = await runnerCode();
  const sources = await obtainSources(PINNED_SOURCES, { given, cache: join(cache, 'runner-sources') }, watch);
  const digests = Object.fromEntries(sources.map(({ name, digest }) => [name, digest]));
  const origin = { target, sources: digests, settings: toolchain.settings };
  const digest = digestOf({ ...origin, code: code.digest }).slice(0, DIGEST_DIGITS);
  const built = await findRunner(cache, target, digest);
  if (built !== undefined) return { ...built, reused: true };

  const tree = join(cache, 'runner-build', `${target}-${digestOf(origin).slice(0, DIGEST_DIGITS)}`);
  await mkdir(tree, { recursive: true });
  return await withLock(tree, async () => {
    const unpacked = await unpack(sources, join(tree, 'sources'), watch);
    const codeFolder = join(tree, 'runner');
    await copyChanged(code, codeFolder);
    // Tables of runners that differ in anything never mix.
    const version = `${sources.find(({ name }) => name === 'xnnpack')?.version ?? 'unknown'}+${digest.slice(0, VERSION_DIGITS)}`;
    await configure(toolchain, codeFolder, join(tree, 'build'), { sources: unpacked, version }, watch);
    await compile(join(tree, 'build'), jobs, watch);
    const runner = await storeRunner(cache, target, digest, join(tree, 'build', 'nas-runner-xnnpack'), {
      runtimeVersion: version,
      code: code.digest,
      sources: digests,
    });
    return { ...runner, reused: false };
  });
}

/** Each source in a folder of its name; cmake unpacks, because it knows every kind of archive. */
async function unpack(
  sources: readonly ObtainedSource[],
  folder: string,
  { report, signal }: BuildWatch,
): Promise<Readonly<Record<string, string>>> {
  const folders: Record<string, string> = {};
  for (const { name, at } of sources) {
    const place = join(folder, name);
    folders[name] = 'folder' in at ? at.folder : place;
    if ('folder' in at || (await exists(place))) continue;
    report(`unpacking ${name}`);
    const temporary = `${place}.partial`;
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    const { code, tail } = await runChild('cmake', ['-E', 'tar', 'xf', at.archive], {
      folder: temporary,
      signal,
    });
    if (code !== 0) throw new NasError(at.archive, { found: `cannot be unpacked: ${tail.join(' ')}` });
    // Most archives hold one folder with everything in it; Debian's of XNNPACK does not.
    const [only, ...others] = await readdir(temporary);
    await rename(only !== undefined && others.length === 0 ? join(temporary, only) : temporary, place);
    await rm(temporary, { recursive: true, force: true });
  }
  return folders;
}

/** Leaves files alone that are as they should be, so that they are not compiled again. */
async function copyChanged({ folder, files }: RunnerCode, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(to)) if (!files.includes(name)) await rm(join(to, name));
  for (const name of files) {
    const wanted = await readFile(join(folder, name));
    const present = await readFile(join(to, name)).catch(() => undefined);
    if (present === undefined || !wanted.equals(present)) await copyFile(join(folder, name), join(to, name));
  }
}

async function configure(
  { generator, settings, toolchainFile }: Toolchain,
  code: string,
  build: string,
  { sources, version }: { readonly sources: Readonly<Record<string, string>>; readonly version: string },
  { report, signal }: BuildWatch,
): Promise<void> {
  report('configuring');
  const all = {
    ...settings,
    ...(toolchainFile === undefined ? {} : { CMAKE_TOOLCHAIN_FILE: join(code, toolchainFile) }),
    ...Object.fromEntries(
      Object.entries(sources).map(([name, folder]) => [`NAS_${name.toUpperCase()}`, folder]),
    ),
    NAS_XNNPACK_VERSION: version,
    CMAKE_BUILD_TYPE: 'Release',
  };
  const set = Object.entries(all).map(([name, value]) => `-D${name}=${value}`);
  const args = ['-G', generator, '-S', code, '-B', build, ...set];
  const { code: status, tail } = await runChild('cmake', args, { signal });
  if (status === 0) return;
  // What a first call has settled a second one keeps: a mended surrounding would not be seen.
  await rm(join(build, 'CMakeCache.txt'), { force: true });
  throw new NasError('cmake', {
    found: `cannot configure the runner: ${tail.join(' ')}`,
    next: 'install what it misses, and run nas runner build again',
  });
}

async function compile(build: string, jobs: number, { report, signal }: BuildWatch): Promise<void> {
  report('compiling', 0);
  const { code, tail } = await runChild(
    'cmake',
    ['--build', build, '--target', 'nas-runner-xnnpack', '--parallel', String(jobs)],
    {
      signal,
      onLine: (line) => {
        const fraction = compiledFraction(line);
        if (fraction !== undefined) report('compiling', fraction);
      },
    },
  );
  if (code === 0) return;
  throw new NasError('nas runner build', {
    found: `the compiler failed:\n${tail.join('\n')}`,
    next: `look at ${build}`,
  });
}

/** Of a line of ninja (`[12/993] Building…`) or make (`[ 12%] Building…`). */
export function compiledFraction(line: string): number | undefined {
  const steps = /^\[\s*(\d+)\/(\d+)\]/.exec(line);
  if (steps !== null) return Number(steps[1]) / Number(steps[2]);
  const percent = /^\[\s*(\d+)%\]/.exec(line);
  return percent === null ? undefined : Number(percent[1]) / 100;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
