import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { NasError } from '../../../base/errors.ts';
import { listOf } from '../../../base/parse.ts';
import { runnerCode } from './runner-code.ts';
import { TARGETS, type Target } from './targets.ts';

const BINARY = 'nas-runner-xnnpack';
const MANIFEST = 'runner.json';

const manifestSchema = z.object({
  runtime: z.literal('xnnpack'),
  runtimeVersion: z.string(),
  /** Of the runner's own code. */
  code: z.string(),
  sources: z.record(z.string(), z.string()),
  bytes: z.int(),
});
export type RunnerManifest = z.output<typeof manifestSchema>;

/** A runner that has been built. */
export interface BuiltRunner extends RunnerManifest {
  readonly target: Target;
  /** Of everything it was made from. */
  readonly digest: string;
  readonly path: string;
  readonly builtAtMs: number;
}

const folderOf = (cache: string, target: Target): string => join(cache, 'runners', target);

/** All runners in the cache, by target, newest first. A folder that is not whole is none. */
export async function listRunners(cache: string): Promise<readonly BuiltRunner[]> {
  const lists = await Promise.all(TARGETS.map((target) => runnersFor(cache, target)));
  return lists.flat();
}

async function runnersFor(cache: string, target: Target): Promise<readonly BuiltRunner[]> {
  const names = await readdir(folderOf(cache, target)).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => !name.startsWith('.')).map((name) => findRunner(cache, target, name)),
  );
  return found.filter((runner) => runner !== undefined).sort((a, b) => b.builtAtMs - a.builtAtMs);
}

/** The runner of that digest, if it is there and whole. */
export async function findRunner(
  cache: string,
  target: Target,
  digest: string,
): Promise<BuiltRunner | undefined> {
  const folder = join(folderOf(cache, target), digest);
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
    const path = join(folder, BINARY);
    const { size, mtimeMs } = await stat(path);
    if (size !== manifest.bytes) return undefined;
    return { ...manifest, target, digest, path, builtAtMs: mtimeMs };
  } catch {
    return undefined;
  }
}

/**
 * The newest runner that was built from this version's code, for the first of the targets that has one; throws where
 * there is none.
 */
export async function locateRunner(
  cache: string,
  ...targets: readonly [Target, ...Target[]]
): Promise<BuiltRunner> {
  const { digest } = await runnerCode();
  const runners = (await Promise.all(targets.map((target) => runnersFor(cache, target)))).flat();
  const current = runners.find(({ code }) => code === digest);
  if (current !== undefined) return current;
  throw new NasError(`xnnpack runner for ${listOf(targets)}`, {
    found: runners.length === 0 ? 'it has not been built' : 'it was built from another version of its code',
    next: `nas runner build --target ${targets.at(-1)}`,
  });
}

/** Puts a runner into the cache: all of it at once, in the place of one with the same digest. */
export async function storeRunner(
  cache: string,
  target: Target,
  digest: string,
  binary: string,
  manifest: Omit<RunnerManifest, 'bytes' | 'runtime'>,
): Promise<BuiltRunner> {
  const folder = folderOf(cache, target);
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(join(folder, '.partial-'));
  try {
    await copyFile(binary, join(temporary, BINARY));
    await chmod(join(temporary, BINARY), 0o755);
    const { size } = await stat(binary);
    const whole: RunnerManifest = { runtime: 'xnnpack', ...manifest, bytes: size };
    await writeFile(join(temporary, MANIFEST), `${JSON.stringify(whole, null, 2)}\n`);
    await chmod(temporary, 0o755);
    await rm(join(folder, digest), { recursive: true, force: true });
    await rename(temporary, join(folder, digest));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  const stored = await findRunner(cache, target, digest);
  if (stored === undefined) throw new NasError(basename(binary), { found: `cannot be kept in ${folder}` });
  return stored;
}
