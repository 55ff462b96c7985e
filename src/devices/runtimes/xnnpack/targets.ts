import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { NasError } from '../../../base/errors.ts';

/** What a runner is built for. */
export const TARGETS = ['linux-x64', 'linux-arm64', 'android-arm64'] as const;
export type Target = (typeof TARGETS)[number];

/** The target that this machine itself runs; undefined where it runs none. */
export function hostTarget(
  platform = process.platform,
  architecture: string = process.arch,
): Target | undefined {
  return TARGETS.find((target) => target === `${platform}-${architecture}`);
}

/** How cmake is to build for a target on this machine. */
export interface Toolchain {
  readonly generator: 'Ninja' | 'Unix Makefiles';
  /** For cmake's first call; paths are absolute, or below the folder of the runner's sources. */
  readonly settings: Readonly<Record<string, string>>;
  /** The setting that names a file of the runner's own, if one does. */
  readonly toolchainFile?: string;
}

const TRIPLES = { 'linux-x64': 'x86_64-linux-gnu', 'linux-arm64': 'aarch64-linux-gnu' } as const;

/** Old enough for most phones in use, new enough for pinning threads to cores. */
const ANDROID_API = 26;

/** Finds the tools, or throws a NasError that says which are missing and how to install them. */
export async function findToolchain(
  target: Target,
  environment: NodeJS.ProcessEnv = process.env,
  host: Target | undefined = hostTarget(),
): Promise<Toolchain> {
  const has = (program: string): Promise<boolean> => isProgram(program, environment);
  if (!(await has('cmake'))) throw missing('cmake', 'cmake', 'cmake');
  const ninja = await has('ninja');
  if (!ninja && !(await has('make'))) throw missing('ninja or make', 'ninja', 'ninja-build');
  const generator = ninja ? 'Ninja' : 'Unix Makefiles';
  if (target === 'android-arm64') {
    return { generator, settings: await androidSettings(environment.ANDROID_NDK_HOME) };
  }
  if (target === host) {
    const compilers = environment.CXX ? [environment.CXX] : ['c++', 'g++', 'clang++'];
    const found = await Promise.all(compilers.map(has));
    if (!found.includes(true)) throw missing(compilers.join(', '), 'a C++ compiler', 'g++');
    return { generator, settings: {} };
  }
  const compiler = `${TRIPLES[target]}-g++`;
  if (!(await has(compiler))) {
    throw missing(compiler, `a C++ compiler for ${target}`, `g++-${TRIPLES[target].replace('_', '-')}`);
  }
  return { generator, settings: {}, toolchainFile: `toolchain-${target}.cmake` };
}

async function androidSettings(ndk: string | undefined): Promise<Readonly<Record<string, string>>> {
  const next =
    'install the Android NDK (https://developer.android.com/ndk/downloads, or sdkmanager --install "ndk;27.2.12479018") and set ANDROID_NDK_HOME to its folder';
  if (!ndk) throw new NasError('android-arm64', { found: 'ANDROID_NDK_HOME is not set', next });
  const file = join(ndk, 'build/cmake/android.toolchain.cmake');
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    throw new NasError('ANDROID_NDK_HOME', {
      found: `${ndk} has no build/cmake/android.toolchain.cmake`,
      expected: 'the folder of an Android NDK',
      next,
    });
  }
  return {
    CMAKE_TOOLCHAIN_FILE: file,
    ANDROID_ABI: 'arm64-v8a',
    ANDROID_PLATFORM: `android-${ANDROID_API}`,
    ANDROID_STL: 'c++_static',
  };
}

function missing(found: string, expected: string, debianPackage: string): NasError {
  return new NasError('nas runner build', {
    found: `no ${found} on the PATH`,
    expected,
    next: `install it (apt install ${debianPackage})`,
  });
}

async function isProgram(name: string, { PATH = '' }: NodeJS.ProcessEnv): Promise<boolean> {
  const places = name.includes('/') ? [name] : PATH.split(delimiter).map((folder) => join(folder, name));
  const found = await Promise.all(
    places.map((path) =>
      access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
