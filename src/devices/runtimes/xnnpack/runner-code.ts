import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { digestOfFolder } from './folder-digest.ts';

/** The runner's C++, in a checkout or a package: the compiled TypeScript lies as deep in `dist` as this in `src`. */
const RUNNER_CODE = fileURLToPath(
  new URL('../../../../src/devices/runtimes/xnnpack/runner/', import.meta.url),
);

export interface RunnerCode {
  readonly folder: string;
  readonly files: readonly string[];
  /** A runner that was built from other code is not used: it may speak another protocol. */
  readonly digest: string;
}

export async function runnerCode(folder = RUNNER_CODE): Promise<RunnerCode> {
  return { folder, files: (await readdir(folder)).sort(), digest: await digestOfFolder(folder) };
}
